import Testing

import Tokenizers
import TransformerCore

/// Speculation, batches and kept prefixes give the same text as one token after another because the scores of a row do not
/// depend, to the last bit, on the rows beside it.
@Suite(.enabled(if: TestModels.hasSmolLM2), .serialized) struct ExactnessTests {
    private static let model = try? ModelArchitecture.loadDecoder(GGUFFile(path: TestModels.smolLM2))

    private func tokens(_ count: Int) throws -> [Int32] {
        var fixture = try Fixture("smollm2_text.bin")
        return fixture.ids(count)
    }

    private func logits(_ session: GenerationSession, _ tokens: [Int32]) throws -> [[Float]] {
        var rows: [[Float]] = []
        try session.append(tokens) { _, logits in rows.append(Array(logits)) }
        return rows
    }

    private func difference(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).map { abs($0 - $1) }.max() ?? .infinity }

    @Test(arguments: [2, 3, 4, 5, 7, 12]) func fewRows(rows: Int) throws {
        let model = try #require(Self.model)
        let ids = try tokens(300 + rows)
        let single = GenerationSession(model)
        _ = try single.append(Array(ids.prefix(300)))
        let one = try ids.suffix(rows).map { try single.append([$0]) }
        let several = GenerationSession(model)
        _ = try several.append(Array(ids.prefix(300)))
        let many = try logits(several, Array(ids.suffix(rows)))
        for row in 0..<rows { #expect(difference(one[row], many[row]) == 0, "row \(row)") }
    }

    @Test(arguments: [64, 100, 257]) func portionsOfAPrompt(batchSize: Int) throws {
        let model = try #require(Self.model)
        let ids = try tokens(700)
        let whole = GenerationSession(model, batchSize: 700)
        let parts = GenerationSession(model, batchSize: batchSize)
        let first = try logits(whole, ids)
        let second = try logits(parts, ids)
        let different = first.indices.filter { difference(first[$0], second[$0]) != 0 }
        #expect(different.count == 0, "\(different.count) rows from \(different.first ?? 0) on, by \(different.map { difference(first[$0], second[$0]) }.max() ?? 0)")
    }

    private func write(
        _ generator: TextGenerator, _ prompt: [Int32], guess: Int, temperature: Double = 0, tokens: Int = 48,
        constraints: [OutputConstraint] = []
    ) async throws -> (text: String, statistics: GeneratorStatistics) {
        var sampling = SamplingParameters()
        sampling.temperature = temperature
        sampling.repetitionPenalty = temperature > 0 ? 1.1 : 1
        var parameters = GenerationParameters(maximumTokens: tokens, sampling: sampling, constraints: constraints)
        parameters.guessedTokens = guess
        var text = ""
        for try await event in generator.generate(prompt, parameters) {
            switch event {
            case .text(let piece): text += piece
            case .finished(let statistics): return (text, statistics)
            }
        }
        throw GenerationError.emptyPrompt
    }

    private func generator(reuseBudget: Int = 0) throws -> TextGenerator {
        TextGenerator(
            model: try #require(Self.model), tokenizer: try GGUFFile(path: TestModels.smolLM2).promptTokenizer(),
            reuseBudget: reuseBudget)
    }

    /// Prompts whose answers copy from them.
    private func prompts(_ count: Int) throws -> [[Int32]] {
        let tokenizer = try GGUFFile(path: TestModels.smolLM2).promptTokenizer()
        let ids = try tokens(2000)
        return (0..<count).map { index in
            tokenizer.encodePrompt([.template("<|im_start|>user\n")]) + ids[index * 150..<index * 150 + 150 + 13 * index]
                + tokenizer.encodePrompt([
                    .text("\nRepeat the text above, word for word."), .template("<|im_end|>\n<|im_start|>assistant\n"),
                ])
        }
    }

    @Test func guessesChangeNothing() async throws {
        let generator = try generator()
        var right = 0
        for (index, prompt) in try prompts(3).enumerated() {
            let constraints: [OutputConstraint] =
                index == 1 ? [.grammar(try Grammar(jsonSchema: #"{"type":"array","items":{"type":"string"}}"#))] : []
            for temperature in [0, 0.8] {
                let plain = try await write(generator, prompt, guess: 0, temperature: temperature, constraints: constraints)
                #expect(plain.statistics.guessedTokens == 0)
                for guess in [1, 3, 8, 14] {
                    let guessed = try await write(
                        generator, prompt, guess: guess, temperature: temperature, constraints: constraints)
                    #expect(guessed.text == plain.text)
                    #expect(guessed.statistics.generatedTokens == plain.statistics.generatedTokens)
                    right += guessed.statistics.guessedRight
                }
            }
        }
        #expect(right > 100, "\(right)")
    }

    @Test func textsSideBySideAreWhatTheyAreAlone() async throws {
        let generator = try generator()
        let prompts = try prompts(8)
        var alone: [String] = []
        for prompt in prompts { alone.append(try await write(generator, prompt, guess: 8, tokens: 24).text) }
        let together = try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for (index, prompt) in prompts.enumerated() {
                group.addTask { (index, try await write(generator, prompt, guess: index % 2 * 8, tokens: 24).text) }
            }
            return try await group.reduce(into: [String](repeating: "", count: 8)) { $0[$1.0] = $1.1 }
        }
        #expect(together == alone)
    }

    @Test func reuseChangesNothing() async throws {
        let prompt = try prompts(1)[0]
        let other = Array(prompt.dropLast(30)) + prompt.suffix(20)
        let fresh = try generator()
        let keeping = try generator(reuseBudget: 64 << 20)
        for (prompt, reused) in [(prompt, 0), (other, prompt.count - 30), (prompt, prompt.count - 16)] {
            let expected = try await write(fresh, prompt, guess: 8, temperature: 0.5)
            let found = try await write(keeping, prompt, guess: 8, temperature: 0.5)
            #expect(found.text == expected.text)
            #expect(found.statistics.reusedTokens >= reused && (reused > 0) == (found.statistics.reusedTokens > 0))
        }
    }
}
