import ArgumentParser
import Footnote
import Foundation

struct ModelBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure how fast a language model reads and writes.",
        discussion: "With arbitrary tokens: speed does not depend on what they say. Medians of the rounds are printed.")

    @Argument(help: ArgumentHelp("Name, or path of a GGUF file.", valueName: "name"))
    var name: String

    @Option(help: ArgumentHelp("Tokens of the prompt.", valueName: "count"))
    var prompt = 512

    @Option(help: ArgumentHelp("Tokens to write after it.", valueName: "count"))
    var generate = 64

    @Option(help: ArgumentHelp("Texts to write side by side, too.", valueName: "count"))
    var batch: Int?

    @Option(help: ArgumentHelp("Threads that compute. Default: one for each core.", valueName: "count"))
    var threads: Int?

    @Option(help: ArgumentHelp("How often to measure, after a first round that only tells when the first token comes.", valueName: "count"))
    var rounds = 3

    @OptionGroup var format: FormatOptions

    func validate() throws {
        guard (1...1_000_000).contains(prompt) else { throw ValidationError("--prompt must be 1 to 1000000.") }
        guard (0...1_000_000).contains(generate) else { throw ValidationError("--generate must be 0 to 1000000.") }
        if let batch, !(2...64).contains(batch) { throw ValidationError("--batch must be 2 to 64.") }
        if batch != nil, generate == 0 { throw ValidationError("--batch needs tokens to write: --generate must be above 0.") }
        if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads must be 1 to 1024.") }
        guard (1...1000).contains(rounds) else { throw ValidationError("--rounds must be 1 to 1000.") }
    }

    func run() async throws {
        let speed = try await ModelStore().measureSpeed(
            name, prompt: prompt, generate: generate, batch: batch, threads: threads, rounds: rounds)
        if format.json { return try JSONOutput.document(speed) }
        func perSecond(_ value: Double) -> String { String(format: "%.1f tokens/s", value) }
        var rows = [
            ["prefill", perSecond(speed.prefillTokensPerSecond), "prompt of \(prompt) tokens"],
            ["decode", perSecond(speed.decodeTokensPerSecond), "\(generate) tokens after it"],
        ]
        if let batch, let together = speed.batchDecodeTokensPerSecond {
            let times = String(format: "%.2f", together / max(speed.decodeTokensPerSecond, .leastNormalMagnitude))
            rows.append(["batch", perSecond(together), "\(batch) texts side by side, \(times) times one alone"])
        }
        rows += [
            ["first token", String(format: "%.0f ms", speed.secondsToFirstToken * 1000), "from opening the file"],
            ["memory", ByteCountFormatter.string(fromByteCount: Int64(speed.peakBytes), countStyle: .memory), "at most"],
            ["threads", "\(speed.threads)", speed.instructionSet],
        ]
        StandardOutput.write(Table.text(rows))
    }
}
