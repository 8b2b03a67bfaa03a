/// XLSX (ECMA-376 SpreadsheetML): each sheet under its name, each row with its number, values as they are shown.
package struct SpreadsheetLoader: DocumentLoader {
    package let formatName = "Excel"
    private static let extensions: Set<String> = ["xlsx", "xlsm", "xltx", "xltm"]

    package init() {}

    package func canLoad(_ file: FileContents) -> Bool {
        Self.extensions.contains(file.pathExtension) || (file.pathExtension.isEmpty && OfficePackage.holds("xl/", file))
    }

    package func load(_ file: FileContents) throws(IngestionError) -> LoadedDocument {
        let package = try OfficePackage(file, format: formatName)
        let main = try package.mainPart(default: "xl/workbook.xml"), folder = main.split(separator: "/").dropLast().joined(separator: "/")
        guard let tree = try package.tree(main), let root = tree.root else { throw .malformed(format: formatName, reason: "it has no list of sheets") }
        let relations = try package.relations(of: main)
        var builder = DocumentBuilder(budget: file.budget)
        builder.metadata = try package.properties()
        builder.title = builder.metadata.removeValue(forKey: "title")
        let uses1904 = ["1", "true"].contains(root.first("workbookPr")?["date1904"] ?? "")
        let cells = CellReader(
            strings: try SharedStrings.read(try package.archive.read(folder + "/sharedStrings.xml", budget: file.budget), budget: file.budget),
            dates: DateStyles(try package.tree(folder + "/styles.xml")?.root), uses1904: uses1904)
        for entry in root.first("sheets")?.children ?? [] {
            guard let name = entry["name"], let id = entry.attribute("id", prefix: "r") ?? entry["id"], let relation = relations[id], relation.kind == "worksheet",
                let bytes = try package.archive.read(relation.target, budget: file.budget) else { continue }
            let isHidden = entry["state"] == "hidden" || entry["state"] == "veryHidden"
            var sheet = SheetBuilder(name: name, isHidden: isHidden)
            try XMLRows.each("row", in: bytes, budget: file.budget) { row throws(IngestionError) in
                try sheet.add(cells.values(of: row), row: row["r"].flatMap { Int($0) }, isHidden: row["hidden"] == "1", to: &builder)
                return true
            }
            try sheet.finish(&builder)
            try comments(of: relation.target, package, &builder)
        }
        builder.place = nil
        return builder.finish()
    }

    private func comments(of sheet: String, _ package: OfficePackage, _ builder: inout DocumentBuilder) throws(IngestionError) {
        for relation in try package.relations(of: sheet).values where relation.kind == "comments" {
            for comment in try package.tree(relation.target)?.root?.first("commentList")?.children ?? [] {
                let text = comment.all("t").map(\.text).joined()
                if !text.isEmpty { try builder.paragraph("[Comment on \(comment["ref"] ?? "a cell")] " + text) }
            }
        }
    }
}

/// Turns rows of cells into blocks: the sheet's name as heading, the row that names the columns, the rows below it.
struct SheetBuilder {
    let name: String
    let isHidden: Bool
    private var next = 1
    /// The first rows wait until it is known whether others follow.
    private var waiting: (cells: [String], row: Int, isHidden: Bool)?
    private var hasRows = false

    init(name: String, isHidden: Bool) {
        self.name = name
        self.isHidden = isHidden
    }

    mutating func add(_ cells: [String], row: Int?, isHidden: Bool = false, to builder: inout DocumentBuilder) throws(IngestionError) {
        let number = row ?? next
        next = number &+ 1
        guard cells.contains(where: { !$0.isEmpty }) else {
            // Below an empty row another table may begin.
            try flush(isHeader: false, &builder)
            hasRows = false
            return
        }
        try builderHeading(&builder)
        if hasRows { return try put(cells, number, isHidden, header: false, &builder) }
        if let first = waiting {
            try flush(isHeader: TableHeader.isLikely(first.cells) && cells.count > 1, &builder)
            if first.cells.filter({ !$0.isEmpty }).count > 1 {
                hasRows = true
                return try put(cells, number, isHidden, header: false, &builder)
            }
        }
        waiting = (cells, number, isHidden)
    }

    mutating func finish(_ builder: inout DocumentBuilder) throws(IngestionError) { try flush(isHeader: false, &builder) }

    private var hasHeading = false

    private mutating func builderHeading(_ builder: inout DocumentBuilder) throws(IngestionError) {
        guard !hasHeading else { return }
        hasHeading = true
        builder.place = .sheet(name, row: 1)
        if isHidden { try builder.paragraph(name, hidden: true) } else { try builder.heading(name, level: 1) }
    }

    private mutating func flush(isHeader: Bool, _ builder: inout DocumentBuilder) throws(IngestionError) {
        guard let first = waiting else { return }
        waiting = nil
        try put(first.cells, first.row, first.isHidden, header: isHeader, &builder)
    }

    private func put(_ cells: [String], _ row: Int, _ isRowHidden: Bool, header: Bool, _ builder: inout DocumentBuilder) throws(IngestionError) {
        builder.place = .sheet(name, row: row)
        try builder.row(cells, header: header, hidden: isHidden || isRowHidden)
    }
}

/// The strings that cells name by number.
enum SharedStrings {
    static func read(_ bytes: [UInt8]?, budget: LoadBudget) throws(IngestionError) -> [String] {
        guard let bytes else { return [] }
        var strings: [String] = []
        try XMLRows.each("si", in: bytes, budget: budget) { item throws(IngestionError) in
            strings.append(text(of: item))
            return true
        }
        return strings
    }

    /// Text with its runs, without the reading aids of Japanese text.
    static func text(of item: XMLElement) -> String {
        item.children.map { child in
            switch child.name {
            case "t": child.text
            case "r": child.first("t")?.text ?? ""
            default: ""
            }
        }.joined()
    }
}

/// Which cell styles show a number as a date.
struct DateStyles {
    enum Kind { case date, time, both }
    private var kinds: [Kind?] = []
    private var isPercent: [Bool] = []

    init(_ root: XMLElement?) {
        var formats: [Int: String] = [:]
        for format in root?.first("numFmts")?.children ?? [] { if let id = format["numFmtId"].flatMap({ Int($0) }) { formats[id] = format["formatCode"] } }
        for style in root?.first("cellXfs")?.children ?? [] {
            let id = style["numFmtId"].flatMap { Int($0) } ?? 0
            kinds.append(Self.builtIn(id) ?? formats[id].flatMap(Self.kind))
            isPercent.append(id == 9 || id == 10 || (formats[id]?.contains("%") ?? false))
        }
    }

    func kind(_ style: Int) -> Kind? { kinds.indices.contains(style) ? kinds[style] : nil }
    func isPercent(_ style: Int) -> Bool { isPercent.indices.contains(style) && isPercent[style] }

    private static func builtIn(_ id: Int) -> Kind? {
        switch id {
        case 14...17, 27...31, 36, 50...58: .date
        case 18...21, 32...35, 45...47: .time
        case 22: .both
        default: nil
        }
    }

    private static func kind(_ code: String) -> Kind? {
        var plain = "", isQuoted = false, inBrackets = false, isEscaped = false
        for character in code.lowercased() {
            if isEscaped { isEscaped = false; continue }
            switch character {
            case "\\": isEscaped = true
            case "\"": isQuoted.toggle()
            case "[": inBrackets = true
            case "]": inBrackets = false
            default: if !isQuoted, !inBrackets { plain.append(character) }
            }
        }
        if plain.contains("general") { return nil }
        let day = plain.contains("y") || plain.contains("d"), time = plain.contains("h") || plain.contains("s")
        return day && time ? .both : day ? .date : time ? .time : nil
    }
}

/// Values of cells as text.
struct CellReader {
    let strings: [String]
    let dates: DateStyles
    let uses1904: Bool
    static let maximumColumns = 2048

    func values(of row: XMLElement) -> [String] {
        var result: [String] = []
        for cell in row.children where cell.name == "c" {
            let column = cell["r"].flatMap(Self.column) ?? result.count
            guard column < Self.maximumColumns else { break }
            while result.count < column { result.append("") }
            let text = value(cell)
            if column < result.count { result[column] = text } else { result.append(text) }
        }
        return result
    }

    private func value(_ cell: XMLElement) -> String {
        let raw = cell.first("v")?.text ?? ""
        switch cell["t"] {
        case "s": return Int(raw).flatMap { strings.indices.contains($0) ? strings[$0] : nil } ?? ""
        case "inlineStr": return cell.first("is").map(SharedStrings.text) ?? ""
        case "b": return raw == "1" ? "TRUE" : raw.isEmpty ? "" : "FALSE"
        case "str", "e", "d": return raw
        default: return number(raw, style: cell["s"].flatMap { Int($0) } ?? 0)
        }
    }

    private func number(_ raw: String, style: Int) -> String {
        guard let value = Double(raw), value.isFinite else { return raw }
        if let kind = dates.kind(style), let date = Self.date(value, kind, uses1904: uses1904) { return date }
        if dates.isPercent(style) { return Self.plain(value * 100) + "%" }
        return Self.plain(value)
    }

    /// Fifteen digits, as a spreadsheet keeps them.
    static func plain(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        let scale = 1e9, rounded = (value * scale).rounded() / scale
        return abs(value) < 1e6 && abs(rounded - value) < 1e-10 ? "\(rounded)" : "\(value)"
    }

    /// Days since 1899-12-30, or 1904-01-01.
    static func date(_ value: Double, _ kind: DateStyles.Kind, uses1904: Bool) -> String? {
        guard value >= 0, value < 2_958_466 else { return nil }
        var days = Int(value.rounded(.down)), seconds = Int(((value - Double(days)) * 86_400).rounded())
        if seconds >= 86_400 { (days, seconds) = (days + 1, 0) }
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let time = two(seconds / 3600) + ":" + two(seconds / 60 % 60) + (seconds % 60 == 0 ? "" : ":" + two(seconds % 60))
        if kind == .time, value < 1 { return time }
        // Days since 1970 to the civil calendar (Howard Hinnant, chrono-compatible algorithms).
        let shifted = days - (uses1904 ? 24_107 : 25_569) + 719_468
        let era = shifted / 146_097, dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100), month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1, civil = month < 10 ? month + 3 : month - 9
        let year = yearOfEra + era * 400 + (civil <= 2 ? 1 : 0)
        return "\(year)-\(two(civil))-\(two(day))" + (kind == .date ? "" : " " + time)
    }

    /// `AB12` to 27.
    static func column(_ reference: String) -> Int? {
        var value = 0
        for byte in reference.utf8 {
            guard Ascii.isUpper(byte) else { break }
            value = value * 26 + Int(byte - 0x40)
            if value > 100_000 { return nil }
        }
        return value > 0 ? value - 1 : nil
    }
}
