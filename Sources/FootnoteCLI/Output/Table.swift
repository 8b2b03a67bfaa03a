/// Rows of text in columns.
enum Table {
    /// Columns two spaces apart, as wide as their widest entry; the last one as it is.
    static func text(_ rows: [[String]], terminal: Terminal = .output) -> String {
        let rows = rows.map { row in row.map { terminal.clean(SourceLine.singleLine($0)) } }
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], displayWidth(cell))
            }
        }
        return rows.map { line($0, widths: widths) + "\n" }.joined()
    }

    private static func line(_ row: [String], widths: [Int]) -> String {
        var line = ""
        for (column, cell) in row.enumerated() {
            line += cell
            guard row[(column + 1)...].contains(where: { !$0.isEmpty }) else { break }
            line += String(repeating: " ", count: widths[column] - displayWidth(cell) + 2)
        }
        return line
    }
}
