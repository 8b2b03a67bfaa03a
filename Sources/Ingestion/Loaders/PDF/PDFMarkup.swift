/// What `pdftohtml -xml` says of a document beyond its text: the colours of what is painted, and the outline. Text that is
/// not painted at all, as the text layer of a scan, is not in it.
struct PDFMarkup {
    /// A run of text that is painted. Points, from the upper left corner.
    struct Run {
        var left: Double, top: Double, right: Double, bottom: Double
        /// Whether its colour is near that of paper, or it is transparent.
        var isFaint: Bool
    }

    struct OutlineItem: Equatable {
        var title: String
        var page: Int
        /// From 1.
        var level: Int
    }

    /// By page number; pages that were not looked at are not there.
    private(set) var runs: [Int: [Run]] = [:]
    private(set) var outline: [OutlineItem] = []

    /// Least of red, green and blue from which a colour may be taken for paper.
    private static let faint = 0xC8
    /// Most outline items that are read.
    private static let outlineLimit = 20_000

    /// Parses the output as far as there is time; it is one element to a line.
    init(_ output: [UInt8], budget: LoadBudget) {
        var faintFonts: Set<String> = [], page = 0, level = 0, rows = 0
        for line in output.split(separator: Ascii.newline) {
            rows += 1
            if rows % 4096 == 0, budget.secondsLeft < budget.limits.seconds * 0.2 { break }
            let element = Element(line)
            switch element.name {
            case "page":
                page = Int(element["number"] ?? "") ?? 0
                runs[page] = runs[page] ?? []
            case "fontspec":
                guard let id = element["id"] else { continue }
                if Self.isFaint(element) { faintFonts.insert(id) } else { faintFonts.remove(id) }
            case "text":
                guard let left = element.number("left"), let top = element.number("top"), let width = element.number("width"),
                    let height = element.number("height"), let font = element["font"] else { continue }
                runs[page, default: []].append(Run(
                    left: left, top: top, right: left + width, bottom: top + height, isFaint: faintFonts.contains(font)))
            case "outline": level += 1
            case "/outline": level -= 1
            case "item":
                guard outline.count < Self.outlineLimit, let number = element["page"].flatMap({ Int($0) }), level > 0 else { continue }
                let title = PlainLine.tidied(element.content, keepsLines: false)
                if !title.isEmpty { outline.append(OutlineItem(title: title, page: number, level: min(level, 6))) }
            default: break
            }
        }
    }

    private static func isFaint(_ font: Element) -> Bool {
        if let opacity = font.number("opacity"), opacity < 0.1 { return true }
        guard let color = font["color"], color.count == 7, let value = Int(color.dropFirst(), radix: 16) else { return false }
        return min(value >> 16, value >> 8 & 0xFF, value & 0xFF) >= faint
    }

    /// One line of the output: `<name key="value"…>content</name>`.
    private struct Element {
        var name: Substring
        private var attributes: Substring
        private var rest: Substring

        init(_ bytes: ArraySlice<UInt8>) {
            let line = String(decoding: bytes, as: UTF8.self)
            let text = line.drop { $0 == "\t" || $0 == " " }
            guard text.first == "<" else { (name, attributes, rest) = ("", "", ""); return }
            let inside = text.dropFirst().prefix { $0 != ">" }
            name = inside.prefix { $0 != " " }
            attributes = inside.dropFirst(name.count)
            rest = text.dropFirst(inside.count + 2)
        }

        subscript(key: String) -> String? {
            guard let start = attributes.firstRange(of: " \(key)=\"") else { return nil }
            return String(attributes[start.upperBound...].prefix { $0 != "\"" })
        }

        func number(_ key: String) -> Double? { self[key].flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil } }

        /// Its text, without elements in it.
        var content: String {
            var text = "", isInside = true
            for character in rest {
                if character == "<" { isInside = false } else if character == ">" { isInside = true } else if isInside { text.append(character) }
            }
            for (name, sign) in [("&lt;", "<"), ("&gt;", ">"), ("&#34;", "\""), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")] {
                text = text.replacing(name, with: sign)
            }
            return text
        }
    }
}
