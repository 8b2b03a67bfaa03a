/// Office files from before 2007 (OLE compound files) through programs that read them, where such are installed: `antiword` or
/// `catdoc` for documents, `xls2csv` for workbooks, `catppt` for slides. Outlook's messages are named as what they are.
package struct LegacyOfficeLoader: DocumentLoader {
    package let formatName = "Office 97"
    private static let signature: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]
    /// Programs for a kind of file, best first, with what to tell them before the file's name.
    private static let readers: [String: [(program: String, package: String, arguments: [String])]] = [
        "doc": [("antiword", "antiword", ["-m", "UTF-8.txt", "-w", "0"]), ("catdoc", "catdoc", ["-d", "utf-8", "-w"])],
        "xls": [("xls2csv", "catdoc", ["-d", "utf-8"])],
        "ppt": [("catppt", "catdoc", ["-d", "utf-8"])],
    ]
    private static let kinds = ["doc": "doc", "dot": "doc", "xls": "xls", "xlt": "xls", "ppt": "ppt", "pps": "ppt", "msg": "msg"]

    package init() {}

    package func canLoad(_ file: FileContents) -> Bool { file.bytes.starts(with: Self.signature) && Self.kinds[file.pathExtension] != nil }

    package func load(_ file: FileContents) throws(IngestionError) -> LoadedDocument {
        let kind = Self.kinds[file.pathExtension] ?? ""
        guard let readers = Self.readers[kind], let first = readers.first else {
            throw .unsupported(format: "Outlook message (.msg)", advice: "save it as .eml and index that")
        }
        let installed = readers.filter { ChildProcess.isInstalled($0.program) }
        guard !installed.isEmpty else { throw .needsProgram(name: first.program, package: first.package) }
        let copy = try TemporaryFile(file.bytes, name: "document." + kind)
        var failure = IngestionError.malformed(format: formatName, reason: "it gave no text")
        for reader in installed {
            let result = try ChildProcess(
                program: reader.program, package: reader.package, arguments: reader.arguments + [copy.path],
                seconds: max(1, file.budget.secondsLeft * 0.5), memory: file.budget.limits.processMemory,
                outputLimit: file.budget.limits.textBytes
            ).run()
            let text = String(decoding: result.output, as: UTF8.self)
            guard result.ending == .tooMuchOutput || result.status == 0, !text.allSatisfy(\.isWhitespace) else {
                failure = Self.failure(of: result, reader.program, copy.path, file.budget)
                continue
            }
            var builder = DocumentBuilder(budget: file.budget)
            if result.ending == .tooMuchOutput {
                builder.notices.append("the text is longer than \(byteCount(Int64(file.budget.limits.textBytes))); the rest was left out")
            }
            if kind == "xls" { try sheets(text, &builder) } else { try paragraphs(text, isSlides: kind == "ppt", &builder) }
            return builder.finish()
        }
        throw failure
    }

    private static func failure(
        of result: ChildProcess.Result, _ program: String, _ path: String, _ budget: LoadBudget
    ) -> IngestionError {
        switch result.ending {
        case .outOfTime: return .outOfTime(seconds: budget.limits.seconds)
        case .crashed: return .programFailed(name: program, reason: "it crashed or ran out of memory")
        case .exited, .tooMuchOutput:
            let reason = PlainLine.tidied(result.errors.replacing(path, with: "the file"), keepsLines: false)
            return .programFailed(name: program, reason: reason.isEmpty ? "it gave no text" : reason)
        }
    }

    /// Form feeds stand between slides; elsewhere between pages.
    private func paragraphs(_ text: String, isSlides: Bool, _ builder: inout DocumentBuilder) throws(IngestionError) {
        for (index, part) in text.split(separator: "\u{C}", omittingEmptySubsequences: false).enumerated() {
            if isSlides { builder.place = .slide(index + 1) }
            for line in part.split(separator: "\n") {
                // antiword draws tables with bars.
                if line.first == "|", line.last == "|", line.count > 2 {
                    try builder.row(line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false).map(String.init))
                } else {
                    try builder.paragraph(String(line))
                }
            }
        }
        builder.place = nil
    }

    /// Sheets stand between form feeds, as CSV without their names.
    private func sheets(_ text: String, _ builder: inout DocumentBuilder) throws(IngestionError) {
        for (index, part) in text.split(separator: "\u{C}").enumerated() {
            let source = SourceText(String(part))
            let reader = DelimitedTextReader(source: source, delimiter: UInt8(ascii: ","))
            for row in reader.rows().rows {
                builder.place = .sheet("\(index + 1)", row: row.lines.lowerBound)
                try builder.row(reader.fields(in: row.range).map { reader.value(of: $0) })
            }
        }
        builder.place = nil
    }
}
