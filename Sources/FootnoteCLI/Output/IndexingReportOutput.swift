import Footnote
import Foundation

/// What `index --json` prints.
struct IndexingReportJSON: Encodable {
    var dryRun: Bool
    /// How many files of each status; every status is there.
    var counts: [String: Int]
    var chunks: Int
    var embedded: Int
    var seconds: Double
    var embeddingSeconds: Double
    var model: String
    var notices: [String]
    var files: [FileJSON]

    init(_ report: IndexingReport, dryRun: Bool) {
        self.dryRun = dryRun
        counts = Dictionary(
            uniqueKeysWithValues: FileReport.Status.allCases.map { ($0.rawValue, report.count($0)) })
        chunks = report.chunks
        embedded = report.embedded
        seconds = report.seconds
        embeddingSeconds = report.embeddingSeconds
        model = report.model
        notices = report.notices
        files = report.files.map(FileJSON.init)
    }
}

/// What `index` prints for a person: counts by status, then every file that needs attention.
struct IndexingReportText {
    var report: IndexingReport
    var dryRun: Bool
    /// List every file, not only those that are not in the knowledge base.
    var verbose: Bool
    var terminal = Terminal.output

    /// Files left out on purpose that are listed without `verbose`.
    private static let skippedLimit = 10

    var text: String {
        var lines = [headline] + counts
        for status in [FileReport.Status.failed, .empty, .skipped] { lines += list(status) }
        if verbose { lines += ["", "Files"] + report.files.map { "  \($0.status.rawValue): " + entry($0) } }
        return lines.joined(separator: "\n") + "\n"
    }

    private var headline: String {
        let time = String(format: "%.1f s", report.seconds)
        let chunks = "\(report.chunks) chunks, \(report.embedded) embedded"
        let model = report.model.isEmpty ? "" : " with \(report.model)"
        let files = report.files.count == 1 ? "1 file" : "\(report.files.count) files"
        return terminal.styled(dryRun ? "Would change" : "Done", .bold) + ": \(files), \(chunks)\(model), \(time)"
    }

    private var counts: [String] {
        FileReport.Status.allCases.compactMap { status in
            let count = report.count(status)
            guard count > 0 || status == .indexed else { return nil }
            let name = status.rawValue.padding(toLength: 10, withPad: " ", startingAt: 0)
            let before = report.files.count { $0.isRemembered && $0.status == status }
            let line = "  \(name) \(count)" + (before > 0 ? ", \(before) of them before, and unchanged" : "")
            return status == .failed ? terminal.styled(line, .red) : line
        }
    }

    private func list(_ status: FileReport.Status) -> [String] {
        guard !verbose || status == .failed else { return [] }
        // What failed before was told before; `status --failed` tells it again.
        let files = report.files.filter { $0.status == status && !$0.isRemembered }
        guard !files.isEmpty else { return [] }
        let shown = status == .failed ? files[...] : files.prefix(Self.skippedLimit)
        var lines = ["", terminal.styled(status.rawValue.capitalized, .bold)]
        lines += shown.map { "  " + entry($0) }
        if shown.count < files.count { lines.append("  … and \(files.count - shown.count) more; --verbose lists all") }
        return lines
    }

    private func entry(_ file: FileReport) -> String {
        let notes = ([file.reason].compactMap(\.self) + file.notices).joined(separator: "; ")
        return terminal.clean(SourceLine.singleLine(file.path)) + (notes.isEmpty ? "" : ": " + terminal.clean(notes))
    }
}
