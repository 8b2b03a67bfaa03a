/// The tables that are open at a place of a page, the innermost last, and what is to be written between their cells.
struct HTMLTables {
    private struct Table {
        /// Cells hold blocks of their own, so that rows are not rows.
        var isLayout = false
        var isInHead = false
        var isInRow = false
        var cells = 0, headerCells = 0
        var pendingSeparators = 0
    }

    private var open: [Table] = []

    var isInRow: Bool { open.last.map { $0.isInRow && !$0.isLayout } ?? false }

    /// What the row that ends here is: of one cell it is text; `nil` outside of tables.
    var rowKind: Block.Kind? {
        open.last.map { table in
            let isHeader = table.isInHead || (table.cells > 1 && table.headerCells == table.cells)
            return table.cells > 1 ? .tableRow(header: isHeader) : .paragraph
        }
    }

    mutating func begin() { open.append(Table()) }
    mutating func end() { _ = open.popLast() }
    mutating func setHead(_ isInHead: Bool) { change { $0.isInHead = isInHead } }

    mutating func openRow() {
        change { table in
            table.isInRow = true
            (table.cells, table.headerCells, table.pendingSeparators) = (0, 0, 0)
        }
    }

    mutating func closeRow() { change { $0.isInRow = false } }

    mutating func openCell(isHeader: Bool) {
        change { table in
            table.cells += 1
            if isHeader { table.headerCells += 1 }
            if table.cells > 1 { table.pendingSeparators += 1 }
        }
    }

    /// The table arranges a page rather than data.
    mutating func becomeLayout() { change { $0.isLayout = true } }

    /// How many separators go before the text that comes now.
    mutating func takeSeparators() -> Int {
        guard isInRow, let last = open.indices.last else { return 0 }
        defer { open[last].pendingSeparators = 0 }
        return open[last].pendingSeparators
    }

    private mutating func change(_ body: (inout Table) -> Void) {
        if let last = open.indices.last { body(&open[last]) }
    }
}
