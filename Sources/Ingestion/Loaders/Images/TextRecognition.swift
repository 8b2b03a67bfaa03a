/// Text of images by `tesseract`, with its confidence.
struct TextRecognition {
    struct Page {
        /// Paragraphs in reading order.
        var paragraphs: [String]
        /// Mean confidence of the words, 0 to 100.
        var confidence: Double
    }

    static let package = "tesseract-ocr"
    static var isInstalled: Bool { ChildProcess.isInstalled("tesseract") }

    /// Words that tesseract is less sure of than this are noise as a rule.
    private static let leastConfidence = 30.0

    /// - Throws: `IngestionError.needsProgram` when it is not installed, `.programFailed` when it fails.
    static func read(_ path: String, budget: LoadBudget) throws(IngestionError) -> Page {
        let start = ContinuousClock.now
        let result = try ChildProcess(
            program: "tesseract", package: package, arguments: [path, "stdout", "--psm", "3", "-l", languages, "tsv"], seconds: max(1, min(budget.recognitionLeft, 60)),
            memory: budget.limits.processMemory, outputLimit: 16 << 20
        ).run()
        let elapsed = (ContinuousClock.now - start).components
        budget.recognized(for: Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18)
        switch result.ending {
        case .outOfTime: throw .programFailed(name: "tesseract", reason: "it took too long")
        case .exited where result.status == 0: return parse(String(decoding: result.output, as: UTF8.self))
        default: throw .programFailed(name: "tesseract", reason: result.errors.split(separator: "\n").last.map(String.init) ?? "it failed")
        }
    }

    /// The languages that are installed, English first; scripts and the page-orientation data are none.
    private static let languages: String = {
        let listing = try? ChildProcess(program: "tesseract", package: package, arguments: ["--list-langs"], seconds: 5, memory: 1 << 30, outputLimit: 1 << 16).run()
        let names = (listing.map { String(decoding: $0.output, as: UTF8.self) } ?? "").split(separator: "\n").dropFirst().map(String.init).filter { $0 != "osd" && !$0.contains("/") }
        let ordered = names.filter { $0 == "eng" } + names.filter { $0 != "eng" }
        return ordered.isEmpty ? "eng" : ordered.prefix(4).joined(separator: "+")
    }()

    private static func parse(_ table: String) -> Page {
        var paragraphs: [String] = [], current = "", key = "", line = "", sum = 0.0, words = 0.0
        for row in table.split(separator: "\n").dropFirst() {
            let fields = row.split(separator: "\t", maxSplits: 11, omittingEmptySubsequences: false)
            guard fields.count == 12, fields[0] == "5", let confidence = Double(fields[10]), (leastConfidence...100).contains(confidence) else { continue }
            let text = PlainLine.tidied(String(fields[11]), keepsLines: false)
            guard !text.isEmpty else { continue }
            let paragraph = "\(fields[2])/\(fields[3])", place = paragraph + "/\(fields[4])"
            if paragraph != key {
                if !current.isEmpty { paragraphs.append(current) }
                (current, key, line) = ("", paragraph, place)
            }
            if place != line, current.hasSuffix("-"), text.first?.isLowercase == true { current.removeLast(); current += text } else { current += (current.isEmpty ? "" : " ") + text }
            line = place
            sum += confidence
            words += 1
        }
        if !current.isEmpty { paragraphs.append(current) }
        return Page(paragraphs: paragraphs, confidence: words > 0 ? sum / words : 0)
    }
}
