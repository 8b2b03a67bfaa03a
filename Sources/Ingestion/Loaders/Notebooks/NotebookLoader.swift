/// Jupyter notebooks (nbformat 3 and 4): Markdown cells as text, code cells as code, and what they printed.
package struct NotebookLoader: DocumentLoader {
    package let formatName = "notebook"
    /// What a cell printed is cut after so many characters: a log of a training run says little.
    private static let maximumOutput = 20_000

    package init() {}

    package func canLoad(_ file: FileContents) -> Bool { file.pathExtension == "ipynb" }

    package func load(_ file: FileContents) throws(IngestionError) -> LoadedDocument {
        guard let root = JSONTree.parse(file.decoded().bytes) else { throw .malformed(format: formatName, reason: "it is not JSON") }
        let cells = root["cells"]?.array ?? (root["worksheets"]?.array ?? []).flatMap { $0["cells"]?.array ?? [] }
        var builder = DocumentBuilder(budget: file.budget)
        let language = root["metadata"]?["language_info"]?["name"]?.string ?? root["metadata"]?["kernelspec"]?["language"]?.string
        if let language { builder.metadata["language"] = language }
        builder.title = root["metadata"]?["title"]?.string
        for (index, cell) in cells.enumerated() {
            builder.place = .cell(index + 1)
            let text = (cell["source"] ?? cell["input"])?.joinedText ?? ""
            switch cell["cell_type"]?.string {
            case "code":
                try builder.code(text, language: language)
                for output in cell["outputs"]?.array ?? [] { try add(output, &builder) }
            case "heading":
                if case .number(let level)? = cell["level"] { try builder.heading(text, level: Int(level) ?? 1) } else { try builder.heading(text, level: 1) }
            default:
                try builder.append(MarkdownLoader().load(SourceText(text), of: file))
            }
        }
        builder.place = nil
        return builder.finish()
    }

    private func add(_ output: JSONTree, _ builder: inout DocumentBuilder) throws(IngestionError) {
        let data = output["data"] ?? output
        if let text = (output["text"] ?? data["text/plain"])?.joinedText, data["text/html"] == nil || output["text"] != nil {
            try builder.code(String(text.prefix(Self.maximumOutput)))
        } else if let html = data["text/html"]?.joinedText, let page = try? HTMLLoader().load(FileContents(path: "output.html", bytes: Array(html.utf8))), !page.isEmpty {
            try builder.append(page)
        } else if let text = data["text/plain"]?.joinedText {
            try builder.code(String(text.prefix(Self.maximumOutput)))
        } else if let name = output["ename"]?.string {
            try builder.paragraph(name + ": " + (output["evalue"]?.string ?? ""))
        }
    }
}
