import ArgumentParser
import Footnote
import Foundation

struct ExtractCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "extract",
        abstract: "Show what is read of a file, block by block, without indexing it.",
        discussion: """
            Each block stands under its kind and its place: page, slide, sheet and row, or lines. Attachments and members \
            of archives follow the file that holds them. Text that the original does not show is marked as hidden; it is \
            never indexed.

            Exit status 4 when a file could not be read.
            """)

    @Argument(help: ArgumentHelp("Files.", valueName: "file"), completion: .file())
    var paths: [String]

    @Option(help: ArgumentHelp("Largest file to read, as 500000, 500K, 64M or 2G.", valueName: "bytes"))
    var maxFileSize = ByteCount(value: IndexingOptions().maximumFileSize)

    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await Interruption.cancelling {
            var options = IndexingOptions()
            options.maximumFileSize = maxFileSize.value
            var all: [ExtractedFile] = [], hasFailed = false
            for path in paths {
                let files = await ExtractedFile.read(URL(fileURLWithPath: path, relativeTo: BaseOptions.workingDirectory), options: options)
                hasFailed = hasFailed || files.contains { $0.status == .failed }
                if format.json { all += files } else { files.forEach { StandardOutput.write(ExtractionText(file: $0).text) } }
            }
            if format.json { try JSONOutput.document(ExtractionJSON(files: all)) }
            if hasFailed { throw ExitStatus.someFilesFailed.quiet }
        }
    }
}

/// What `extract --json` prints.
struct ExtractionJSON: Encodable {
    var files: [ExtractedFile]
}

/// What `extract` prints for a person.
struct ExtractionText {
    var file: ExtractedFile
    var terminal = Terminal.output

    var text: String {
        var lines = [terminal.styled(terminal.clean(SourceLine.singleLine(file.path)), .bold) + ": " + terminal.clean(summary)]
        if let title = file.title { lines.append("title: " + terminal.clean(SourceLine.singleLine(title))) }
        lines += file.metadata.sorted { $0.key < $1.key }.map { terminal.clean(SourceLine.singleLine("\($0.key): \($0.value)")) }
        lines += file.notices.map { "notice: " + terminal.clean($0) }
        for block in file.blocks {
            lines.append("")
            lines.append("[" + terminal.clean(label(block)) + "]")
            lines.append(terminal.clean(block.text))
        }
        return lines.joined(separator: "\n") + "\n\n"
    }

    private var summary: String {
        switch file.status {
        case .loaded: "\(file.format ?? ""), \(file.blocks.count == 1 ? "1 block" : "\(file.blocks.count) blocks")"
        case .empty: "\(file.format ?? ""), no text"
        case .skipped: "skipped, " + (file.reason ?? "")
        case .failed: "failed, " + (file.reason ?? "")
        }
    }

    private func label(_ block: ExtractedFile.Block) -> String {
        var parts = [block.kind + (block.level.map { " \($0)" } ?? "")]
        parts += [block.language, block.name, block.place].compactMap(\.self)
        parts.append(block.firstLine == block.lastLine ? "line \(block.firstLine)" : "lines \(block.firstLine)-\(block.lastLine)")
        if block.isHidden { parts.append("hidden") }
        return parts.joined(separator: ", ")
    }
}
