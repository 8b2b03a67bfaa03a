import Foundation
import Testing

import Tokenizers
import TransformerCore

/// Prints what guesses, batches and reuse are worth on prompts of one's own, for `docs/generation.md`: set
/// `FOOTNOTE_MEASURE_PROMPTS` to a file with a JSON object in each line, `{"messages": [{"role", "content"}], "sources": 4}`.
@Suite(.enabled(if: MeasuredPrompts.path != nil && TestModels.hasSmolLM2), .serialized) struct GenerationMeasurements {
    private struct Line: Decodable {
        struct Message: Decodable {
            let role: String
            let content: String
        }
        let messages: [Message]
        let sources: Int
    }

    private struct Outcome: Sendable {
        var text = ""
        var firstWord = 0.0
        var statistics: GeneratorStatistics?
    }

    private static let model = try? ModelArchitecture.loadDecoder(GGUFFile(path: TestModels.smolLM2))

    private func prompts() throws -> [(tokens: [Int32], sources: Int)] {
        let file = try GGUFFile(path: TestModels.smolLM2)
        let tokenizer = try file.promptTokenizer()
        let template = try ChatTemplate(source: try #require(file.metadata["tokenizer.chat_template"]?.string))
        let text = try String(contentsOfFile: try #require(MeasuredPrompts.path), encoding: .utf8)
        return try text.split(separator: "\n").map { line in
            let line = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
            let pieces = try template.render(
                messages: line.messages.map { .init(role: $0.role, content: $0.content) }, addGenerationPrompt: true,
                beginToken: "<|im_start|>", endToken: "<|im_end|>")
            return (tokenizer.encodePrompt(pieces), line.sources)
        }
    }

    private func generator(reuse: Int = 0, cacheType: TensorType = .f16, passages: Bool = false) throws -> TextGenerator {
        TextGenerator(
            model: try #require(Self.model), tokenizer: try GGUFFile(path: TestModels.smolLM2).promptTokenizer(),
            cacheType: cacheType, reuseBudget: reuse, reusesPassages: passages)
    }

    private func write(
        _ generator: TextGenerator, _ prompt: (tokens: [Int32], sources: Int), guess: Int, quotes: Bool = false
    ) async throws -> Outcome {
        // Only what the prompt holds, its marks aside.
        let text = generator.tokenizer.decode(prompt.tokens).split(separator: "\n").map(String.init)
        let constraint = quotes ? OutputConstraint.quotes(QuotingRules(sources: text, minimumWords: 8, mode: .bare))
            : .sourceMarkers(count: prompt.sources)
        var parameters = GenerationParameters(maximumTokens: 120, constraints: [constraint])
        parameters.guessedTokens = guess
        var outcome = Outcome()
        let start = ContinuousClock.now
        for try await event in generator.generate(prompt.tokens, parameters) {
            switch event {
            case .text(let piece):
                if outcome.text.isEmpty { outcome.firstWord = (ContinuousClock.now - start) / .seconds(1) }
                outcome.text += piece
            case .finished(let statistics): outcome.statistics = statistics
            }
        }
        return outcome
    }

    /// One prompt after another, each with all limits in turn: so a machine that gets slower or faster favours none.
    @Test(arguments: [false, true]) func guesses(quotes: Bool) async throws {
        let limits = [0, 2, 4, GenerationParameters.defaultGuess, 0]
        var sums = [(tokens: Int, seconds: Double, guessed: Int, right: Int)](repeating: (0, 0, 0, 0), count: limits.count)
        // One for each limit: none may know what another has written.
        let generators = try limits.map { _ in try generator(reuse: 512 << 20) }
        for prompt in try prompts() {
            var texts: [String] = []
            for (place, limit) in limits.enumerated() {
                let outcome = try await write(generators[place], prompt, guess: limit, quotes: quotes)
                texts.append(outcome.text)
                guard let statistics = outcome.statistics else { continue }
                sums[place].tokens += statistics.generatedTokens
                sums[place].seconds += statistics.generationSeconds
                sums[place].guessed += statistics.guessedTokens
                sums[place].right += statistics.guessedRight
            }
            #expect(Set(texts).count == 1)
        }
        let plain = Double(sums[0].tokens + sums[limits.count - 1].tokens) / (sums[0].seconds + sums[limits.count - 1].seconds)
        for (limit, sum) in zip(limits, sums) {
            let speed = Double(sum.tokens) / sum.seconds
            print("MEASURE guess \(limit)\(quotes ? " of quotes" : ""): \(sum.tokens) tokens, \(speed) per second, \(speed / plain) times none, \(sum.right) of \(sum.guessed) right")
        }
    }

    @Test func sideBySide() async throws {
        let prompts = try prompts()
        let generator = try generator(reuse: 512 << 20)
        var expected: [String] = []
        for prompt in prompts { _ = try await write(generator, prompt, guess: 0) }
        for guess in [0, 8] {
            expected = []
            let start = ContinuousClock.now
            var tokens = 0
            for prompt in prompts {
                let outcome = try await write(generator, prompt, guess: guess)
                expected.append(outcome.text)
                tokens += outcome.statistics?.generatedTokens ?? 0
            }
            let alone = (ContinuousClock.now - start) / .seconds(1)
            let together = ContinuousClock.now
            let texts = try await withThrowingTaskGroup(of: (Int, String).self) { group in
                for (index, prompt) in prompts.enumerated() {
                    group.addTask { (index, try await write(generator, prompt, guess: guess).text) }
                }
                return try await group.reduce(into: [Int: String]()) { $0[$1.0] = $1.1 }
            }
            let seconds = (ContinuousClock.now - together) / .seconds(1)
            let equal = expected.enumerated().count { texts[$0.offset] == $0.element }
            print("MEASURE side by side, guess \(guess): \(tokens) tokens alone \(Double(tokens) / alone)/s, eight at once \(Double(tokens) / seconds)/s, \(equal) of \(prompts.count) equal")
        }
    }

    /// The same sources in another order, their keys and values taken from the first order, against computing them.
    @Test func movedPassages() async throws {
        let plain = try generator()
        let moving = try generator(reuse: 512 << 20, passages: true)
        var (same, count, reused, all) = (0, 0, 0, 0)
        var (loss, lossMoved, tokens) = (0.0, 0.0, 0)
        // Shorter ones have no passages to move.
        for prompt in try prompts() where prompt.tokens.count >= 200 {
            let ids = prompt.tokens
            let (third, tail) = (ids.count / 3, ids.count - 48)
            let moved = Array(ids[..<30] + ids[2 * third..<tail] + ids[third..<2 * third] + ids[30..<third] + ids[tail...])
            _ = try await write(moving, prompt, guess: 8)
            let expected = try await write(plain, (moved, prompt.sources), guess: 8)
            let found = try await write(moving, (moved, prompt.sources), guess: 8)
            let answer = plain.tokenizer.encode(expected.text)
            let one = try await plain.logProbabilities(of: [answer], after: moved)[0]
            let other = try await moving.logProbabilities(of: [answer], after: moved)[0]
            loss -= one.reduce(0, +)
            lossMoved -= other.reduce(0, +)
            tokens += answer.count
            same += expected.text == found.text ? 1 : 0
            count += 1
            reused += found.statistics?.reusedTokens ?? 0
            all += moved.count
        }
        print("MEASURE moved passages: \(reused) of \(all) tokens reused, \(same) of \(count) answers the same, perplexity of the computed answers \(exp(loss / Double(tokens))) computed, \(exp(lossMoved / Double(tokens))) moved")
    }

    @Test func contextFormats() throws {
        let model = try #require(Self.model)
        var fixture = try Fixture("smollm2_text.bin")
        let ids = fixture.ids(1500)
        for type in [TensorType.f32, .f16, .q8_0] {
            let session = GenerationSession(model, cacheType: type)
            var (loss, count) = (0.0, 0)
            let start = ContinuousClock.now
            try session.append(ids) { index, logits in
                guard index + 1 < ids.count else { return }
                let highest = logits.max() ?? 0
                let sum = logits.reduce(0.0) { $0 + exp(Double($1 - highest)) }
                loss -= Double(logits[Int(ids[index + 1])] - highest) - log(sum)
                count += 1
            }
            let middle = ContinuousClock.now
            for id in ids.prefix(40) { _ = try session.append([id]) }
            let end = ContinuousClock.now
            print("MEASURE context in \(type): perplexity \(exp(loss / Double(count))), \(session.cacheBytes) bytes of 2048 positions, prefill with all scores \((middle - start) / .seconds(1)) s, decoding behind 1500 tokens \(40 / ((end - middle) / .seconds(1))) per second")
        }
    }

    @Test func reuse() async throws {
        let prompts = try prompts()
        let generator = try generator(reuse: 512 << 20)
        for prompt in prompts.prefix(4) {
            let first = try await write(generator, prompt, guess: 8)
            let question = Array(prompt.tokens.dropLast(20)) + prompt.tokens.suffix(16)
            let again = try await write(generator, (question, prompt.sources), guess: 8)
            print("MEASURE first token of \(prompt.tokens.count) tokens: \(first.firstWord) s, asked again \(again.firstWord) s, \(again.statistics?.reusedTokens ?? 0) reused, cache \(generator.prefixes?.byteCount ?? 0) bytes")
        }
    }
}

private enum MeasuredPrompts {
    static let path = ProcessInfo.processInfo.environment["FOOTNOTE_MEASURE_PROMPTS"]
}
