/// RTF 1.9.1: paragraphs, headings by their outline level, tables, footnotes, hidden text; characters by code page and Unicode.
package struct RTFLoader: DocumentLoader {
    package let formatName = "RTF"

    package init() {}

    package func canLoad(_ file: FileContents) -> Bool { file.bytes.starts(with: Array("{\\rtf".utf8)) || (file.pathExtension == "rtf" && !file.bytes.starts(with: [0xD0, 0xCF])) }

    package func load(_ file: FileContents) throws(IngestionError) -> LoadedDocument {
        guard let start = file.bytes.prefix(4096).firstIndex(of: UInt8(ascii: "{")), file.bytes[start...].starts(with: Array("{\\rtf".utf8))
        else { throw .malformed(format: formatName, reason: "it does not begin with {\\rtf") }
        var parser = RTFParser(bytes: file.bytes, offset: start, builder: DocumentBuilder(budget: file.budget))
        return try parser.parse()
    }
}

private struct RTFParser {
    struct State {
        /// What the text of the group is for.
        var target = Target.body
        var isHidden = false
        var codePage: String?
        /// Bytes that stand for a Unicode character where it is not understood.
        var skip = 1
    }

    enum Target: Equatable {
        case body, ignored, info(String), fonts, note, styles
    }

    let bytes: [UInt8]
    var offset: Int
    var builder: DocumentBuilder
    private var state = State()
    private var stack: [State] = []
    private var codePage = "WINDOWS-1252"
    private var fontPages: [Int: String] = [:]
    private var font = 0
    private var styleLevels: [Int: Int] = [:]
    private var style = 0, styleName = ""

    private var paragraph = "", hidden = ""
    private var pending: [UInt8] = []
    private var skipBytes = 0
    private var surrogate: UInt16?
    private var level: Int?
    private var isInTable = false, isItem = false
    private var cells: [String] = []
    private var hasHeader = false
    private var notes: [String] = [], note = ""

    static let maximumDepth = 500

    init(bytes: [UInt8], offset: Int, builder: DocumentBuilder) {
        self.bytes = bytes
        self.offset = offset
        self.builder = builder
    }

    mutating func parse() throws(IngestionError) -> LoadedDocument {
        while offset < bytes.count {
            let byte = bytes[offset]
            switch byte {
            case UInt8(ascii: "{"):
                flushBytes()
                offset += 1
                guard stack.count < Self.maximumDepth else { throw .malformed(format: "RTF", reason: "groups are nested deeper than \(Self.maximumDepth)") }
                stack.append(state)
            case UInt8(ascii: "}"):
                flushBytes()
                offset += 1
                try closeGroup()
            case Ascii.backslash: try control()
            case 0x0A, 0x0D, 0: offset += 1
            default:
                offset += 1
                plain(byte)
            }
        }
        flushBytes()
        try endParagraph()
        for text in notes { try builder.paragraph(text) }
        return builder.finish()
    }

    private mutating func closeGroup() throws(IngestionError) {
        guard let outer = stack.popLast() else { return }
        if state.target == .note, outer.target != .note {
            if note.contains(where: { !$0.isWhitespace }) {
                notes.append("[\(notes.count + 1)] " + note)
                paragraph += "[\(notes.count)]"
            }
            note = ""
        }
        if state.target == .styles, outer.target == .styles { endStyle() }
        state = outer
    }

    private mutating func endStyle() {
        let name = styleName.lowercased().filter { $0 != ";" }
        if name.hasPrefix("heading "), let number = Int(name.dropFirst(8).prefix { $0.isNumber }) { styleLevels[style] = number }
        if name == "title" { styleLevels[style] = 1 }
        styleName = ""
    }

    // MARK: Control words

    private mutating func control() throws(IngestionError) {
        offset += 1
        guard offset < bytes.count else { return }
        let byte = bytes[offset]
        guard Ascii.isLetter(byte) else { return try symbol(byte) }
        let start = offset
        while offset < bytes.count, offset - start < 32, Ascii.isLetter(bytes[offset]) { offset += 1 }
        let word = String(decoding: bytes[start..<offset], as: UTF8.self)
        var sign = 1, number: Int?
        if offset < bytes.count, bytes[offset] == UInt8(ascii: "-") {
            sign = -1
            offset += 1
        }
        let digits = offset
        while offset < bytes.count, offset - digits < 10, Ascii.isDigit(bytes[offset]) {
            number = (number ?? 0) * 10 + Int(bytes[offset] - 0x30)
            offset += 1
        }
        if offset < bytes.count, bytes[offset] == Ascii.space { offset += 1 }
        if word != "u" { flushBytes() }
        try run(word, number.map { $0 * sign })
    }

    private mutating func symbol(_ byte: UInt8) throws(IngestionError) {
        offset += 1
        switch byte {
        case Ascii.apostrophe:
            guard offset + 1 < bytes.count, let high = HexDigit.value(bytes[offset]), let low = HexDigit.value(bytes[offset + 1]) else { return }
            offset += 2
            plain(high << 4 | low)
        case UInt8(ascii: "~"): emit(" ")
        case UInt8(ascii: "_"): emit("-")
        case UInt8(ascii: "-"): break
        case UInt8(ascii: "*"): if state.target == .body || state.target == .note { state.target = skipsUnknownTarget() ? .ignored : state.target }
        case 0x0A, 0x0D: try endParagraph()
        case Ascii.backslash, UInt8(ascii: "{"), UInt8(ascii: "}"): plain(byte)
        default: break
        }
    }

    /// After `\*` an unknown destination is left out; these are the ones with text that is shown.
    private func skipsUnknownTarget() -> Bool {
        for word in ["\\shptxt", "\\nonesttables", "\\pntext", "\\fldinst"] where bytes[min(offset, bytes.count)...].starts(with: Array(word.utf8)) { return word == "\\fldinst" }
        return true
    }

    private mutating func run(_ word: String, _ number: Int?) throws(IngestionError) {
        switch word {
        case "par", "sect", "page": try endParagraph()
        case "line", "softline": emit("\n")
        case "tab": emit("\t")
        case "pard":
            (level, isItem, isInTable) = (nil, false, false)
        case "intbl": isInTable = true
        case "cell", "nestcell": endCell()
        case "row", "nestrow": try endRow()
        case "s": if state.target == .styles { style = number ?? 0 } else { level = styleLevels[number ?? 0] }
        case "outlinelevel": if state.target == .body, let number, number < 9 { level = number + 1 } else if state.target == .styles, let number, number < 9 { styleLevels[style] = number + 1 }
        case "ls", "pnlvlblt", "pnlvlbody": isItem = true
        case "plain": state.isHidden = false
        case "v": state.isHidden = number != 0
        case "u": unicode(number ?? 0)
        case "uc": state.skip = min(max(number ?? 1, 0), 16)
        case "ansicpg": if let number, number > 0 { codePage = number == 65001 ? "UTF-8" : number == 10_000 ? "MACINTOSH" : "CP\(number)" }
        case "mac": codePage = "MACINTOSH"
        case "pca", "pc": codePage = "CP437"
        case "f": if state.target == .fonts { font = number ?? 0 } else { state.codePage = fontPages[number ?? 0] }
        case "fcharset": if state.target == .fonts, let page = Self.page(ofCharset: number ?? 0) { fontPages[font] = page }
        default: if let text = Self.characters[word] { emit(text) } else { open(word) }
        }
    }

    private static let characters = [
        "emdash": "—", "endash": "–", "emspace": " ", "enspace": " ", "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
    ]

    private mutating func open(_ word: String) {
        switch word {
        case "fonttbl": state.target = .fonts
        case "stylesheet": state.target = .styles
        case "footnote", "annotation": state.target = .note
        case "title", "author", "subject", "keywords": if state.target == .ignored || stack.last?.target == .info("") { state.target = .info(word) }
        case "info": state.target = .info("")
        case "colortbl", "pict", "object", "header", "headerl", "headerr", "headerf", "footer", "footerl", "footerr", "footerf", "fldinst", "datafield", "objdata",
            "listtable", "listoverridetable", "revtbl", "rsidtbl", "generator", "xmlnstbl", "themedata", "colorschememapping", "datastore", "latentstyles",
            "nonesttables", "pntext", "pntxtb", "pntxta", "shppict", "nonshppict", "filetbl", "tc", "xe", "bkmkstart", "bkmkend", "private", "deleted", "atnid", "atnauthor",
            "listtext":
            if word == "shppict" { return }
            if word == "pntext" || word == "listtext" { isItem = true }
            state.target = .ignored
        default: break
        }
    }

    private static func page(ofCharset number: Int) -> String? {
        switch number {
        case 0: "WINDOWS-1252"
        case 77: "MACINTOSH"
        case 128: "CP932"
        case 129: "CP949"
        case 134: "GB18030"
        case 136: "BIG5-HKSCS"
        case 161: "CP1253"
        case 162: "CP1254"
        case 163: "CP1258"
        case 177: "CP1255"
        case 178: "CP1256"
        case 186: "CP1257"
        case 204: "CP1251"
        case 222: "CP874"
        case 238: "CP1250"
        default: nil
        }
    }

    // MARK: Text

    private mutating func plain(_ byte: UInt8) {
        if skipBytes > 0 { skipBytes -= 1 } else { pending.append(byte) }
    }

    private mutating func flushBytes() {
        guard !pending.isEmpty else { return }
        let page = state.codePage ?? codePage
        let text = pending.allSatisfy { $0 < 0x80 } ? String(decoding: pending, as: UTF8.self)
            : CharacterSet.convert(pending, from: page).map { String(decoding: $0.bytes, as: UTF8.self) } ?? String(decoding: pending, as: UTF8.self)
        pending = []
        emit(text)
    }

    private mutating func unicode(_ number: Int) {
        flushBytes()
        let unit = UInt16(truncatingIfNeeded: number)
        skipBytes = state.skip
        if UTF16.isLeadSurrogate(unit) {
            surrogate = unit
        } else if UTF16.isTrailSurrogate(unit) {
            if let lead = surrogate { emit(String(decoding: [lead, unit], as: UTF16.self)) }
            surrogate = nil
        } else {
            emit(String(decoding: [unit], as: UTF16.self))
        }
    }

    private mutating func emit(_ text: String) {
        switch state.target {
        case .body: if state.isHidden { hidden += text } else { paragraph += text }
        case .note: note += text
        case .styles: styleName += text
        case .info(let key):
            if key == "title" { builder.title = (builder.title ?? "") + text } else if !key.isEmpty { builder.metadata[key, default: ""] += text }
        case .ignored, .fonts: break
        }
    }

    private mutating func endParagraph() throws(IngestionError) {
        switch state.target {
        case .note: note += "\n"; return
        case .body: break
        default: return
        }
        if isInTable {
            if !paragraph.isEmpty { paragraph += "\n" }
            return
        }
        if let level { try builder.heading(paragraph, level: level) } else if isItem { try builder.listItem(paragraph) } else { try builder.paragraph(paragraph) }
        if !hidden.isEmpty { try builder.paragraph(hidden, hidden: true) }
        (paragraph, hidden) = ("", "")
        hasHeader = false
        isItem = false
    }

    private mutating func endCell() {
        guard state.target == .body, cells.count < 256 else { return }
        cells.append(paragraph)
        paragraph = ""
    }

    private mutating func endRow() throws(IngestionError) {
        guard state.target == .body else { return }
        let isFirst = !hasHeader
        hasHeader = true
        if cells.count == 1 { try builder.paragraph(cells[0]) } else { try builder.row(cells, header: isFirst && TableHeader.isLikely(cells)) }
        if !hidden.isEmpty { try builder.paragraph(hidden, hidden: true) }
        hidden = ""
        cells = []
    }
}
