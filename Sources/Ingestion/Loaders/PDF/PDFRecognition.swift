/// Recognises the text of pages that have none.
struct PDFRecognition {
    let path: TemporaryFile
    let budget: LoadBudget

    /// - Parameter pages: numbers of the pages without a text layer.
    /// - Returns: paragraphs of each page that gave any.
    func read(_ pages: [Int], notices: inout [String]) throws(IngestionError) -> [Int: [String]] {
        guard !pages.isEmpty else { return [:] }
        guard TextRecognition.isInstalled, ChildProcess.isInstalled("pdftoppm") else {
            notices.append(Self.name(pages, "has no text layer", "have no text layer") + "; install \(TextRecognition.package) to recognise the text of images")
            return [:]
        }
        var found: [Int: [String]] = [:], confidences: [Double] = [], empty: [Int] = [], left: [Int] = []
        for page in pages {
            guard budget.recognitionLeft > 1 else { left.append(page); continue }
            guard let result = try recognize(page), !result.paragraphs.isEmpty else { empty.append(page); continue }
            found[page] = result.paragraphs
            confidences.append(result.confidence)
        }
        if !found.isEmpty {
            let mean = Int((confidences.reduce(0, +) / Double(confidences.count)).rounded())
            notices.append(Self.name(found.keys.sorted(), "has no text layer", "have no text layer") + "; recognised from the image with a confidence of \(mean)%")
        }
        if !empty.isEmpty { notices.append(Self.name(empty, "has no text layer", "have no text layer") + " and no text in the image") }
        if !left.isEmpty { notices.append(Self.name(left, "has no text layer", "have no text layer") + "; there was no time left to recognise them") }
        return found
    }

    private func recognize(_ page: Int) throws(IngestionError) -> TextRecognition.Page? {
        let start = ContinuousClock.now, image = path.sibling("page-\(page)")
        let result = try ChildProcess(
            program: "pdftoppm", package: "poppler-utils", arguments: ["-r", "200", "-gray", "-scale-to", "2600", "-singlefile", "-f", "\(page)", "-l", "\(page)", path.path, image],
            seconds: 20, memory: budget.limits.processMemory, outputLimit: 1 << 16
        ).run()
        let elapsed = (ContinuousClock.now - start).components
        budget.recognized(for: Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18)
        guard result.status == 0 else { return nil }
        return try? TextRecognition.read(image + ".pgm", budget: budget)
    }

    /// "page 3 has …", "pages 1-4, 7 have …".
    private static func name(_ pages: [Int], _ one: String, _ many: String) -> String {
        guard pages.count > 1 else { return "page \(pages.first ?? 0) \(one)" }
        var runs: [ClosedRange<Int>] = []
        for page in pages {
            if let last = runs.last, last.upperBound + 1 == page { runs[runs.count - 1] = last.lowerBound...page } else { runs.append(page...page) }
        }
        let shown = runs.prefix(20).map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ", ")
        return "pages \(shown)\(runs.count > 20 ? " and others" : "") \(many)"
    }
}
