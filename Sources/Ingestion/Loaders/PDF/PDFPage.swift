/// What `pdftotext -tsv` says of a page: words with their boxes, in lines and blocks, in reading order. Points, from the
/// upper left corner.
struct PDFPage {
    struct Word {
        var text: String
        var left: Double, top: Double, width: Double, height: Double
        var right: Double { left + width }
        var bottom: Double { top + height }
        var middle: Double { top + height / 2 }
    }

    struct Line {
        var words: [Word]
        /// The number of the block that the line belongs to.
        var block: Int
        var text: String { PDFDirection.ordered(words).map(\.text).joined(separator: " ") }
        var top: Double { words.map(\.top).min() ?? 0 }
        var bottom: Double { words.map(\.bottom).max() ?? 0 }
        var left: Double { words.map(\.left).min() ?? 0 }
        var right: Double { words.map(\.right).max() ?? 0 }
        /// The height that most of its characters have.
        var size: Double {
            var counts: [Double: Int] = [:]
            for word in words { counts[(word.height * 2).rounded() / 2, default: 0] += word.text.count }
            return counts.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key ?? 0
        }
    }

    var number: Int
    var width: Double, height: Double
    var lines: [Line] = []

    /// Words smaller than this, in points, cannot be read by anybody.
    static let leastHeight = 1.5

    /// Parses the output as far as there is time; a row that breaks off is left out.
    static func parse(_ output: [UInt8], budget: LoadBudget) -> [PDFPage] {
        var pages: [PDFPage] = [], start = 0, block = -1, rows = 0
        while start < output.count {
            let end = output[start...].firstIndex(of: Ascii.newline) ?? output.count
            defer { start = end + 1 }
            let fields = output[start..<end].split(separator: Ascii.tab, maxSplits: 11, omittingEmptySubsequences: false)
            guard fields.count == 12, end < output.count || fields[11].count > 0 else { continue }
            rows += 1
            if rows % 4096 == 0, budget.secondsLeft < budget.limits.seconds * 0.2 { break }
            // A page may be laid out with matrices that make anything of a number; no place on paper is further out than this.
            func number(_ index: Int) -> Double {
                let value = Double(String(decoding: fields[index], as: UTF8.self)) ?? 0
                return value.isFinite ? min(max(value, -1e6), 1e6) : 0
            }
            switch fields[0].first {
            case UInt8(ascii: "1"):
                pages.append(PDFPage(number: Int(number(1)), width: number(8), height: number(9)))
            case UInt8(ascii: "3"): block += 1
            case UInt8(ascii: "4"): if !pages.isEmpty { pages[pages.count - 1].lines.append(Line(words: [], block: block)) }
            case UInt8(ascii: "5"):
                guard !pages.isEmpty, !pages[pages.count - 1].lines.isEmpty else { continue }
                let word = Word(text: PDFDirection.readable(String(decoding: fields[11], as: UTF8.self)), left: number(6), top: number(7), width: max(0, number(8)), height: max(0, number(9)))
                pages[pages.count - 1].lines[pages[pages.count - 1].lines.count - 1].words.append(word)
            default: break
            }
        }
        for index in pages.indices { pages[index].lines.removeAll { $0.words.isEmpty } }
        return pages
    }

    /// Takes out the words that are too small to be seen.
    mutating func takeInvisible() -> String {
        var hidden: [String] = []
        for index in lines.indices {
            let small = lines[index].words.filter { $0.height < Self.leastHeight }
            guard !small.isEmpty else { continue }
            hidden += small.map(\.text)
            lines[index].words.removeAll { $0.height < Self.leastHeight }
        }
        lines.removeAll { $0.words.isEmpty }
        return hidden.joined(separator: " ")
    }
}
