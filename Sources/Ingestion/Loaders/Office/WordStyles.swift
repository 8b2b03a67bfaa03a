/// What a Word document's styles and numberings make of a paragraph.
struct WordStyles {
    private struct Style {
        var name: String
        var base: String?
        var outline: Int?
        var numbering: (id: String, level: Int)?
    }

    private var styles: [String: Style] = [:]
    /// Per list and level, whether it counts, and from where.
    private var levels: [String: [Int: (isCounted: Bool, start: Int)]] = [:]

    init(styles: XMLElement?, numbering: XMLElement?) {
        for style in styles?.children ?? [] where style.name == "style" {
            guard let id = style["styleId"] else { continue }
            let properties = style.first("pPr")
            var entry = Style(name: style.first("name")?["val"]?.lowercased() ?? "", base: style.first("basedOn")?["val"])
            entry.outline = properties?.first("outlineLvl")?["val"].flatMap { Int($0) }
            if let list = properties?.first("numPr"), let number = list.first("numId")?["val"] {
                entry.numbering = (number, list.first("ilvl")?["val"].flatMap { Int($0) } ?? 0)
            }
            self.styles[id] = entry
        }
        readNumbering(numbering)
    }

    private mutating func readNumbering(_ root: XMLElement?) {
        var abstract: [String: [Int: (Bool, Int)]] = [:]
        for list in root?.children ?? [] where list.name == "abstractNum" {
            var found: [Int: (Bool, Int)] = [:]
            for level in list.children where level.name == "lvl" {
                let format = level.first("numFmt")?["val"] ?? "decimal"
                found[level["ilvl"].flatMap { Int($0) } ?? 0] = (format != "bullet" && format != "none", level.first("start")?["val"].flatMap { Int($0) } ?? 1)
            }
            abstract[list["abstractNumId"] ?? ""] = found
        }
        for list in root?.children ?? [] where list.name == "num" {
            guard let id = list["numId"], let of = list.first("abstractNumId")?["val"] else { continue }
            levels[id] = abstract[of]?.mapValues { (isCounted: $0.0, start: $0.1) }
        }
    }

    /// The heading level of a paragraph; `nil` for body text. `Title` is 1.
    func headingLevel(_ properties: XMLElement?) -> Int? {
        if let own = properties?.first("outlineLvl")?["val"].flatMap({ Int($0) }) { return own < 9 ? own + 1 : nil }
        var id = properties?.first("pStyle")?["val"], steps = 0
        while let name = id, steps < 16 {
            guard let style = styles[name] else { return Self.level(ofName: name.lowercased()) }
            if let level = Self.level(ofName: style.name) { return level }
            if let outline = style.outline { return outline < 9 ? outline + 1 : nil }
            id = style.base
            steps += 1
        }
        return nil
    }

    private static func level(ofName name: String) -> Int? {
        if name == "title" { return 1 }
        for prefix in ["heading", "überschrift", "titre", "título", "标题"] where name.hasPrefix(prefix) {
            if let level = Int(name.dropFirst(prefix.count).filter { !$0.isWhitespace }), (1...9).contains(level) { return level }
        }
        return nil
    }

    /// The list that a paragraph is an item of.
    func list(_ properties: XMLElement?) -> (id: String, level: Int, isCounted: Bool, start: Int)? {
        var found = properties?.first("numPr").flatMap { list in
            list.first("numId")?["val"].map { (id: $0, level: list.first("ilvl")?["val"].flatMap { Int($0) } ?? 0) }
        }
        var id = properties?.first("pStyle")?["val"], steps = 0, isListStyle = false
        while found == nil, let name = id, let style = styles[name], steps < 16 {
            if let own = style.numbering { found = (own.id, own.level) }
            if style.name.hasPrefix("list bullet") || style.name.hasPrefix("list number") { isListStyle = true }
            id = style.base
            steps += 1
        }
        guard let found, found.id != "0" else { return isListStyle ? ("", 0, false, 1) : nil }
        let level = levels[found.id]?[found.level]
        return (found.id, found.level, level?.isCounted ?? false, level?.start ?? 1)
    }
}
