import ArgumentParser
import Footnote
import Foundation

struct ModelQuantizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantize",
        abstract: "Write a GGUF file with a model's weights in fewer bits.",
        discussion: """
            With --text, the perplexity of that text is measured before and after: how many times more it is says what was \
            lost.
            """)

    @Argument(help: ArgumentHelp("Name, or path of a GGUF file.", valueName: "name"))
    var name: String

    @Argument(help: ArgumentHelp("The new file.", valueName: "output"), completion: .file(extensions: ["gguf"]))
    var output: String

    @Option(
        help: ArgumentHelp("Q8_0, Q6_K, Q4_K_M or Q4_0.", valueName: "type"),
        transform: { text in
            guard let type = ModelQuantization(rawValue: text.uppercased()) else {
                throw ValidationError("use one of \(ModelQuantization.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            return type
        })
    var type: ModelQuantization

    @Option(help: ArgumentHelp("Text to measure with, at least 512 tokens.", valueName: "file"), completion: .file())
    var text: String?

    @OptionGroup var format: FormatOptions

    func run() async throws {
        let store = ModelStore()
        let words = try text.map { try String(contentsOf: url($0), encoding: .utf8) }
        let view = QuantizingView()
        defer { view.finish() }
        let report = try await store.quantize(name, to: url(output), as: type) { view.show($0) }
        view.finish()
        var result = ModelQuantizationJSON(report)
        if let words {
            StandardError.notice("measuring perplexity")
            result.perplexityBefore = try await store.perplexity(name, of: words)
            result.perplexityAfter = try await store.perplexity(report.path, of: words)
        }
        if format.json { return try JSONOutput.document(result) }
        StandardOutput.write(Table.text(rows(result)))
    }

    private func url(_ path: String) -> URL { URL(fileURLWithPath: path, relativeTo: BaseOptions.workingDirectory).absoluteURL }

    private func rows(_ result: ModelQuantizationJSON) -> [[String]] {
        func bytes(_ count: Int) -> String { ByteCountFormatter.string(fromByteCount: Int64(count), countStyle: .file) }
        let types = result.weightTypes.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
        let smaller = 100 * (1 - Double(result.outputBytes) / Double(max(1, result.halfPrecisionBytes)))
        var rows = [
            ["path", result.path], ["tensors", types.joined(separator: ", ")], ["size before", bytes(result.inputBytes)],
            ["size", bytes(result.outputBytes) + String(format: ", %.0f%% smaller than with 16 bits", smaller)],
        ]
        if let before = result.perplexityBefore, let after = result.perplexityAfter {
            rows.append(["perplexity before", String(format: "%.4f", before)])
            rows.append(["perplexity", String(format: "%.4f (%+.2f%%)", after, 100 * (after / before - 1))])
        }
        return rows
    }
}

/// What `model quantize --json` prints.
struct ModelQuantizationJSON: Encodable {
    var path: String
    var inputBytes: Int
    var outputBytes: Int
    /// What the weights would take with 16 bits each.
    var halfPrecisionBytes: Int
    /// Number of tensors by type.
    var weightTypes: [String: Int]
    /// With --text only.
    var perplexityBefore: Double?
    var perplexityAfter: Double?

    init(_ report: QuantizationReport) {
        path = report.path
        inputBytes = report.inputBytes
        outputBytes = report.outputBytes
        halfPrecisionBytes = report.halfPrecisionBytes
        weightTypes = report.weightTypes
    }
}

/// Progress of writing a file. Sendable because the lock guards its variable.
private final class QuantizingView: @unchecked Sendable {
    private let lock = NSLock()
    private var bar = ProgressBar(unit: "%")

    func show(_ share: Double) { lock.withLock { bar.update(Int(share * 100), of: 100, detail: "") } }
    func finish() { lock.withLock { bar.finish() } }
}
