import Testing

import Tokenizers
import TransformerCore

@Suite struct TextGeneratorTests {
    /// Writes the token that follows the last one in the alphabet, over and over: logits are one-hot by the prompt.
    private struct CountingModel: DecoderModel {
        var vocabularyCount = 24
        var contextLength = 100
        var parameterCount = 0
        let tiny: any DecoderModel

        init() throws { tiny = try TinyLlama().load() }

        func makeState(contextLimit: Int, cacheType: TensorType) -> DecoderState {
            tiny.makeState(contextLimit: contextLimit, cacheType: cacheType)
        }

        func forward(
            _ tokens: UnsafeBufferPointer<Int32>, state: DecoderState, rows: LogitRows, pool: ComputePool?
        ) -> UnsafeBufferPointer<Float> {
            // The tiny model's logits, pushed towards the next letter.
            let logits = UnsafeMutableBufferPointer(
                mutating: tiny.forward(tokens, state: state, rows: rows, pool: pool))
            for (row, index) in (rows == .all ? Array(tokens.indices) : rows == .last ? [tokens.count - 1] : []).enumerated() {
                logits[row * vocabularyCount + (Int(tokens[index]) + 1) % vocabularyCount] += 1000
            }
            return UnsafeBufferPointer(logits)
        }
    }

    private let tokenizer = LetterTokenizer("abcdefghijklmnopqrstuvw")

    private func generator(contextLimit: Int? = nil, reuseBudget: Int = 0) throws -> TextGenerator {
        TextGenerator(
            model: try CountingModel(), tokenizer: tokenizer, contextLimit: contextLimit, reuseBudget: reuseBudget)
    }

    private func write(
        _ generator: TextGenerator, _ prompt: String, _ parameters: GenerationParameters = GenerationParameters(maximumTokens: 30)
    ) async throws -> (text: String, statistics: GeneratorStatistics) {
        var text = ""
        for try await event in generator.generate(tokenizer.encode(prompt), parameters) {
            switch event {
            case .text(let piece):
                #expect(!piece.isEmpty)
                text += piece
            case .finished(let statistics): return (text, statistics)
            }
        }
        throw GenerationError.emptyPrompt
    }

    @Test func writesUntilTheEnd() async throws {
        let (text, statistics) = try await write(generator(), "abc")
        #expect(text == "defghijklmnopqrstuvw")
        #expect(statistics.reason == .endOfText)
        #expect(statistics.promptTokens == 3)
        #expect(statistics.generatedTokens == 20)
        #expect(statistics.promptSeconds > 0)
        #expect(statistics.generationSeconds > 0)
    }

    @Test func stopsAtTheLimit() async throws {
        let (text, statistics) = try await write(generator(), "abc", GenerationParameters(maximumTokens: 5))
        #expect(text == "defgh")
        #expect(statistics.reason == .length)
        #expect(statistics.generatedTokens == 5)
    }

    @Test func stopsBeforeAStopSequence() async throws {
        let parameters = GenerationParameters(maximumTokens: 30, stopSequences: ["zz", "jkl", "klm"])
        let (text, statistics) = try await write(generator(), "abc", parameters)
        #expect(text == "defghi")
        #expect(statistics.reason == .stopSequence)
    }

    @Test func heldBackTextComesAtTheEnd() async throws {
        let parameters = GenerationParameters(maximumTokens: 4, stopSequences: ["fgx"])
        #expect(try await write(generator(), "abc", parameters).text == "defg")
    }

    @Test func refusesBeforeComputing() async throws {
        let generator = try generator(contextLimit: 20)
        await #expect(throws: GenerationError.contextExceeded(needed: 21, limit: 20)) {
            try await write(generator, "abcdef", GenerationParameters(maximumTokens: 15))
        }
        await #expect(throws: GenerationError.emptyPrompt) { try await write(generator, "") }
        await #expect(throws: GenerationError.self) {
            try await write(generator, "a", GenerationParameters(maximumTokens: 0))
        }
        await #expect(throws: GenerationError.self) {
            try await write(generator, "a", GenerationParameters(maximumTokens: .max))
        }
    }

    @Test func whatWasReadIsNotReadAgain() async throws {
        let generator = try generator(reuseBudget: 1 << 20)
        let beginning = "abcdefghijklmnopqrst"
        let first = try await write(generator, beginning + "abc", GenerationParameters(maximumTokens: 3))
        #expect(first.statistics.reusedTokens == 0)
        let second = try await write(generator, beginning + "uvwabcdefghijklmk", GenerationParameters(maximumTokens: 3))
        #expect(second.statistics.reusedTokens == 20)
        #expect(second.text == "lmn")
        // The last tokens are always read: their scores are wanted, to the last bit.
        let again = try await write(generator, beginning + "uvwabcdefghijklmk", GenerationParameters(maximumTokens: 3))
        #expect(again.statistics.reusedTokens == 37 - 16 && again.text == "lmn")
    }

    @Test func tooManyHaveToWait() async throws {
        let generator = TextGenerator(
            model: try CountingModel(), tokenizer: tokenizer, limits: GenerationLimits(concurrent: 2, waiting: 3))
        let prompt = tokenizer.encode("abc")
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<12 {
                group.addTask {
                    do {
                        for try await _ in generator.generate(prompt) {}
                        return true
                    } catch {
                        return (error as? GenerationError) != .busy(waiting: 3)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count { $0 } >= 5)
        #expect(try await write(generator, "abc").text == "defghijklmnopqrstuvw")
    }

    @Test func generationsRunSideBySide() async throws {
        let generator = try generator()
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<8 { group.addTask { try await write(generator, "abc").text } }
            for try await text in group { #expect(text == "defghijklmnopqrstuvw") }
        }
    }

    @Test func endingTheIterationEndsTheWork() async throws {
        let generator = try generator()
        for try await _ in generator.generate(tokenizer.encode("abc"), GenerationParameters(maximumTokens: 30)) { break }
        let task = Task { try await write(generator, "abc") }
        task.cancel()
        await #expect(throws: (any Error).self) { try await task.value }
    }

    @Test(.enabled(if: TestModels.hasSmolLM2))
    func answersWithARealModel() async throws {
        let file = try GGUFFile(path: TestModels.smolLM2)
        let tokenizer = try file.promptTokenizer()
        let generator = TextGenerator(model: try ModelArchitecture.loadDecoder(file), tokenizer: tokenizer)
        let prompt = tokenizer.encodePrompt([
            .template("<|im_start|>user\n"), .text("What is the capital of France?"),
            .template("<|im_end|>\n<|im_start|>assistant\n"),
        ])
        var texts: [String] = []
        for _ in 0..<2 {
            var text = ""
            for try await event in generator.generate(prompt, GenerationParameters(maximumTokens: 40)) {
                switch event {
                case .text(let piece): text += piece
                case .finished(let statistics): #expect(statistics.promptTokens == prompt.count)
                }
            }
            texts.append(text)
        }
        #expect(texts[0].contains("Paris"))
        #expect(texts[0] == texts[1])
    }
}
