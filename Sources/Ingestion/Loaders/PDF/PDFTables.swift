/// Finds tables among the words of a page by their alignment: rows one below the other whose words fall into the same
/// columns with wide gaps between them.
struct PDFTables {
    struct Table {
        var rows: [[String]]
        var top: Double, bottom: Double, left: Double, right: Double

        func holds(_ word: PDFPage.Word) -> Bool {
            word.middle >= top && word.middle <= bottom && word.left >= left - 1 && word.right <= right + 1
        }
    }

    private struct Cell {
        var words: [PDFPage.Word]
        var left: Double { words.first?.left ?? 0 }
        var right: Double { words.last?.right ?? 0 }
        var text: String { PDFDirection.ordered(words).map(\.text).joined(separator: " ") }
    }

    private struct Row {
        var cells: [Cell]
        var top: Double, bottom: Double
        var height: Double { bottom - top }
    }

    static func find(in page: PDFPage) -> [Table] {
        let rows = visualRows(page)
        var tables: [Table] = [], start = 0
        while start < rows.count {
            guard rows[start].cells.count >= 2 else { start += 1; continue }
            var end = start + 1
            while end < rows.count, rows[end].cells.count >= 2, rows[end].top - rows[end - 1].bottom < 2.2 * max(rows[end].height, 6),
                alignment(rows[end], rows[start..<end]) { end += 1 }
            if let table = table(Array(rows[start..<end]), page) { tables.append(table) }
            start = max(end, start + 1)
        }
        return tables
    }

    /// Words at one height, split where the gap is wider than spaces between words are.
    private static func visualRows(_ page: PDFPage) -> [Row] {
        let words = page.lines.flatMap(\.words).sorted { ($0.middle, $0.left) < ($1.middle, $1.left) }
        var rows: [Row] = [], open: [PDFPage.Word] = []
        func close() {
            guard let first = open.first else { return }
            let sorted = open.sorted { $0.left < $1.left }
            var cells: [Cell] = []
            for word in sorted {
                if let last = cells.last, word.left - last.right < 0.9 * max(word.height, 4) { cells[cells.count - 1].words.append(word) } else { cells.append(Cell(words: [word])) }
            }
            rows.append(Row(cells: cells, top: sorted.map(\.top).min() ?? first.top, bottom: sorted.map(\.bottom).max() ?? first.bottom))
        }
        for word in words {
            if let first = open.first, word.middle - first.middle > 0.45 * max(first.height, 4) {
                close()
                open = []
            }
            open.append(word)
        }
        close()
        return rows
    }

    /// Whether a row's cells stand below cells of the rows above.
    private static func alignment(_ row: Row, _ above: ArraySlice<Row>) -> Bool {
        let columns = above.suffix(3).flatMap(\.cells)
        let fitting = row.cells.count { cell in
            columns.contains { other in
                abs(other.left - cell.left) < 4 || abs(other.right - cell.right) < 4 || abs((other.left + other.right) - (cell.left + cell.right)) < 8
            }
        }
        return fitting * 3 >= row.cells.count * 2
    }

    private static func table(_ rows: [Row], _ page: PDFPage) -> Table? {
        guard rows.count >= 3 else { return nil }
        let cells = rows.flatMap(\.cells)
        let words = Double(cells.reduce(0) { $0 + $1.words.count }) / Double(cells.count)
        let most = rows.map(\.cells.count).max() ?? 0
        // Two columns of prose are aligned too, with many words in each line of both.
        guard words <= (most >= 4 ? 4 : most == 3 ? 3.5 : 2.5) else { return nil }
        let columns = columnStarts(rows)
        guard columns.count >= 2 else { return nil }
        let lines = rows.map { row in
            var texts = [String](repeating: "", count: columns.count)
            for cell in row.cells {
                let middle = (cell.left + cell.right) / 2
                let index = columns.lastIndex { $0.lowerBound <= middle + 0.5 && middle - 0.5 <= $0.upperBound } ?? columns.indices.min {
                    distance(middle, columns[$0]) < distance(middle, columns[$1]) } ?? 0
                texts[index] += texts[index].isEmpty ? cell.text : " " + cell.text
            }
            return texts
        }
        return Table(
            rows: lines, top: rows[0].top, bottom: rows[rows.count - 1].bottom, left: cells.map(\.left).min() ?? 0, right: cells.map(\.right).max() ?? 0)
    }

    private static func distance(_ value: Double, _ range: ClosedRange<Double>) -> Double {
        max(0, range.lowerBound - value, value - range.upperBound)
    }

    /// The horizontal ranges that cells of the rows with most cells cover, merged where they overlap.
    private static func columnStarts(_ rows: [Row]) -> [ClosedRange<Double>] {
        let most = rows.map(\.cells.count).max() ?? 0
        var ranges = rows.filter { $0.cells.count == most }.flatMap { $0.cells.map { $0.left...max($0.left, $0.right) } }.sorted { $0.lowerBound < $1.lowerBound }
        var merged: [ClosedRange<Double>] = []
        while !ranges.isEmpty {
            let next = ranges.removeFirst()
            if let last = merged.last, next.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound...max(last.upperBound, next.upperBound)
            } else {
                merged.append(next)
            }
        }
        return merged
    }
}
