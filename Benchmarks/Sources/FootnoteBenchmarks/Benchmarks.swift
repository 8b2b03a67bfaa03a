import Footnote
import Foundation

/// Footnote's side of the measurements that peers/measure.py takes.
///
/// usage: footnote-benchmarks embed PASSAGES.txt [VECTORS.f32]
///        footnote-benchmarks generate PROMPT_TOKENS NEW_TOKENS
/// Loads its model, prints a line when it is ready, then does its work once for each line on standard input and
/// prints what it took, so that both sides of a comparison can be run in turn without loading anew.
@main
struct Benchmarks {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        switch (arguments.first, arguments.count) {
        case ("embed", 2...3): try await embed(Array(arguments.dropFirst()))
        case ("generate", 3): try await generate(Array(arguments.dropFirst()))
        default:
            FileHandle.standardError.write(Data("usage: footnote-benchmarks embed FILE [OUT] | generate N M\n".utf8))
            exit(64)
        }
    }

    /// Embeds every line of a file.
    static func embed(_ arguments: [String]) async throws {
        let texts = try String(contentsOfFile: arguments[0], encoding: .utf8).split(separator: "\n").map(String.init)
        let model = try ModelStore().embeddingModel(ModelStore.defaultEmbeddingModel)
        var vectors = try await model.embed(Array(texts.prefix(64)))
        try await onEachLine {
            let start = ContinuousClock.now
            vectors = try await model.embed(texts)
            return ["seconds": seconds(since: start), "passages": Double(texts.count)]
        }
        if arguments.count == 2 {
            try vectors.withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: arguments[1])) }
        }
    }

    /// Reads a prompt of so many tokens and writes one; then, from a short prompt, writes so many.
    static func generate(_ arguments: [String]) async throws {
        guard let promptTokens = Int(arguments[0]), let newTokens = Int(arguments[1]) else { exit(64) }
        let model = try ModelStore().languageModel(ModelStore.defaultLanguageModel)
        _ = try await statistics(of: model, prompt: "Hello", tokens: 8)
        var round = 0
        try await onEachLine {
            // Another text each time, so that nothing kept from the round before can help.
            round += 1
            let long = try prompt(ofTokens: promptTokens, for: model, seed: round)
            let prefill = try await statistics(of: model, prompt: long, tokens: 1)
            let decode = try await statistics(of: model, prompt: "Count from one to one hundred (\(round)).", tokens: newTokens)
            return [
                "prefill_tokens": Double(prefill.promptTokens), "prefill_seconds": prefill.promptSeconds,
                "decode_tokens": Double(decode.generatedTokens), "decode_seconds": decode.generationSeconds,
            ]
        }
    }

    static func statistics(
        of model: any LanguageModel, prompt: String, tokens: Int
    ) async throws -> GenerationStatistics {
        let request = GenerationRequest(messages: [ChatMessage(role: .user, content: prompt)], maximumTokens: tokens)
        for try await event in model.generate(request) {
            if case .finished(let statistics) = event { return statistics }
        }
        throw CancellationError()
    }

    /// A text that fills a prompt to exactly so many tokens, or one less.
    static func prompt(ofTokens count: Int, for model: any LanguageModel, seed: Int) throws -> String {
        let words = ["the", "river", "carries", "cold", "water", "past", "mills", "and", "quiet", "villages"]
        var text = "Round \(seed):"
        var next = seed
        while true {
            let longer = text + " " + words[next % words.count]
            guard try model.promptTokenCount([ChatMessage(role: .user, content: longer)]) <= count else { return text }
            text = longer
            next = (next &* 7 &+ 3) % 10_007
        }
    }

    static func onEachLine(_ work: () async throws -> [String: Double]) async throws {
        print(#"{"ready": true}"#)
        fflush(nil)
        while readLine() != nil {
            let figures = try await work()
            print(String(decoding: try JSONEncoder().encode(figures), as: UTF8.self))
            fflush(nil)
        }
    }

    static func seconds(since start: ContinuousClock.Instant) -> Double {
        let duration = ContinuousClock.now - start
        return Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }
}
