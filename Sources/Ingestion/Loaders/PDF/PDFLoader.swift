/// PDF through poppler's `pdftotext`, as a process with limits: pages, reading order, headings, tables.
package struct PDFLoader: DocumentLoader {
    package let formatName = "PDF"
    private static let package = "poppler-utils"

    package init() {}

    package func canLoad(_ file: FileContents) -> Bool {
        file.pathExtension == "pdf" || file.bytes.starts(with: Array("%PDF-".utf8))
    }

    package func load(_ file: FileContents) throws(IngestionError) -> LoadedDocument {
        guard ChildProcess.isInstalled("pdftotext") else { throw .needsProgram(name: "pdftotext", package: Self.package) }
        let copy = try TemporaryFile(file.bytes, name: "document.pdf")
        let information = try run("pdfinfo", [copy.path], file.budget, output: 1 << 20)
        var builder = DocumentBuilder(budget: file.budget)
        let count = Self.properties(information.output, &builder)
        let text = try run("pdftotext", ["-tsv", "-enc", "UTF-8", copy.path, "-"], file.budget, output: 6 * file.budget.limits.textBytes)
        var pages = PDFPage.parse(text.output, budget: file.budget)
        if pages.isEmpty { try explain(text, file) }
        if let last = pages.last?.number, text.ending != .exited || count.map({ last < $0 }) == true { Self.note(last, of: count, &builder) }
        let markup = try self.markup(copy.path, file.budget)
        let empty = pages.filter { $0.lines.isEmpty }.map(\.number)
        let hidden = try PDFVisibility(path: copy, markup: markup, budget: file.budget).takeHidden(from: &pages, notices: &builder.notices)
        let heads = PDFRunningHeads(pages)
        for index in pages.indices { heads.clean(&pages[index]) }
        let recognized = try PDFRecognition(path: copy, budget: file.budget).read(empty, notices: &builder.notices)
        let layout = PDFLayout(pages, outline: PDFOutline(markup.outline))
        for page in pages {
            if file.budget.secondsLeft < file.budget.limits.seconds * 0.05 {
                guard page.number > 1 else { throw .outOfTime(seconds: file.budget.limits.seconds) }
                Self.note(page.number - 1, of: count, &builder)
                break
            }
            builder.place = .page(page.number)
            if let lines = recognized[page.number] {
                for line in lines { try builder.paragraph(line) }
            } else {
                try layout.add(page, to: &builder)
            }
            if let unseen = hidden[page.number], !unseen.isEmpty { try builder.paragraph(unseen, hidden: true) }
        }
        builder.place = nil
        return builder.finish()
    }

    private static func note(_ page: Int, of count: Int?, _ builder: inout DocumentBuilder) {
        builder.notices.removeAll { $0.hasPrefix("reading stopped at page") }
        builder.notices.append("reading stopped at page \(page)" + (count.map { " of \($0)" } ?? "") + ", for want of time or room")
    }

    private func run(_ program: String, _ arguments: [String], _ budget: LoadBudget, output: Int) throws(IngestionError) -> ChildProcess.Result {
        // Some time is left for what comes after.
        try ChildProcess(
            program: program, package: Self.package, arguments: arguments, seconds: max(1, budget.secondsLeft * 0.5),
            memory: budget.limits.processMemory, outputLimit: output
        ).run()
    }

    /// Colours and outline; nothing where the program is missing or there is no time left for it.
    private func markup(_ path: String, _ budget: LoadBudget) throws(IngestionError) -> PDFMarkup {
        guard budget.secondsLeft > budget.limits.seconds * 0.5, ChildProcess.isInstalled("pdftohtml") else { return PDFMarkup([], budget: budget) }
        let arguments = ["-xml", "-i", "-stdout", "-q", "-nomerge", "-noroundcoord", "-zoom", "1", "-enc", "UTF-8", path]
        return PDFMarkup(try run("pdftohtml", arguments, budget, output: 8 * budget.limits.textBytes).output, budget: budget)
    }

    /// Says why there are no pages.
    private func explain(_ result: ChildProcess.Result, _ file: FileContents) throws(IngestionError) {
        if result.errors.contains("Incorrect password") || result.errors.contains("encrypt") { throw .encrypted(format: "PDF document") }
        switch result.ending {
        case .outOfTime: throw .outOfTime(seconds: file.budget.limits.seconds)
        case .crashed: throw .programFailed(name: "pdftotext", reason: "it crashed or ran out of memory")
        case .exited, .tooMuchOutput: break
        }
        if !file.bytes.prefix(1024).contains(UInt8(ascii: "%")) { throw .malformed(format: formatName, reason: "it is not a PDF file") }
        let message = result.errors.split(separator: "\n").last.map(String.init) ?? "it has no pages"
        throw .malformed(format: formatName, reason: PlainLine.tidied(message, keepsLines: false))
    }

    /// - Returns: the number of pages.
    private static func properties(_ output: [UInt8], _ builder: inout DocumentBuilder) -> Int? {
        var pages: Int?
        for line in String(decoding: output, as: UTF8.self).split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = PlainLine.tidied(String(line[line.index(after: colon)...]), keepsLines: false)
            switch line[..<colon] {
            case "Title": builder.title = value == "untitled" || value.hasSuffix(".dvi") ? nil : value
            case "Author": builder.metadata["author"] = value
            case "Subject": builder.metadata["subject"] = value
            case "Keywords": builder.metadata["keywords"] = value
            case "CreationDate": builder.metadata["created"] = value
            case "Pages": pages = Int(value)
            default: break
            }
        }
        return pages
    }
}
