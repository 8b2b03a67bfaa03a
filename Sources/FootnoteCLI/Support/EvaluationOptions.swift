import ArgumentParser
import Footnote
import Foundation

/// What all evaluations have in common: where they work, and what they are compared with.
struct EvaluationOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Keep the knowledge base in this folder and use it again. Default: a temporary folder.", valueName: "folder"))
    var work: String?

    @Option(
        help: ArgumentHelp(
            "Compare with a report saved by --json: exit status 1 if a figure is worse by more than chance explains.",
            valueName: "file"))
    var baseline: String?

    /// The folder to work in; a temporary one is removed afterwards.
    func inFolder<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
        if let work { return try await body(Self.url(work)) }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("footnote-eval-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder)
    }

    /// The report to compare with, read before anything is computed.
    func earlier<Report: EvaluationReport>(_ type: Report.Type, command: String) throws -> Report? {
        guard let baseline else { return nil }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let data = try? Data(contentsOf: Self.url(baseline)), let report = try? decoder.decode(type, from: data)
        else { throw CommandFailure("\(baseline) is no report that `footnote \(command) --json` wrote") }
        return report
    }

    /// Prints a report, and ends with exit status 1 when it is worse than the earlier one.
    func present<Report: EvaluationReport>(_ report: Report, earlier: Report?, format: FormatOptions) throws {
        if format.json { try JSONOutput.document(report) } else { StandardOutput.write(report.table) }
        let regressions = earlier.map { report.regressions(against: $0) } ?? []
        for regression in regressions { StandardError.notice("worse than the baseline: \(regression)") }
        if !regressions.isEmpty { throw ExitStatus.failure.quiet }
    }

    static func url(_ path: String) -> URL { URL(fileURLWithPath: path, relativeTo: BaseOptions.workingDirectory) }
}
