import Testing

import TransformerCore

/// The plain path of SmolLM2 against llama.cpp on the same weights dequantised; see `make_llama_golden.sh`.
@Suite(.enabled(if: TestModels.hasSmolLM2), .serialized) struct LlamaParityTests {
    private struct Prompt {
        let promptCount: Int
        /// Prompt, then the tokens that llama.cpp chose.
        let tokens: [Int32]
        /// The highest logits after each token.
        let top: [[(id: Int, logit: Float)]]
        /// Logits spread over the vocabulary, after some tokens.
        let samples: [(position: Int, logits: [(id: Int, logit: Float)])]
    }

    private func golden(vocabulary: Int) throws -> [Prompt] {
        var fixture = try Fixture("smollm2_logits.bin")
        let header = fixture.array(5, of: UInt32.self).map(Int.init)
        let (count, greedy, top, samples, stride) = (header[0], header[1], header[2], header[3], header[4])
        let prompts = (0..<count).map { _ in
            let promptCount = Int(fixture.next(UInt32.self))
            let tokens = fixture.ids(promptCount + greedy)
            let rows = tokens.map { _ in
                (0..<top).map { _ in (id: Int(fixture.next(UInt16.self)), logit: fixture.next(Float.self)) }
            }
            let spread = (0..<samples).map { sample in
                let position = Int(fixture.next(UInt32.self))
                let ids = Swift.stride(from: sample * (stride / samples), to: vocabulary, by: stride)
                return (position: position, logits: ids.map { (id: $0, logit: fixture.next(Float.self)) })
            }
            return Prompt(promptCount: promptCount, tokens: tokens, top: rows, samples: spread)
        }
        #expect(fixture.isAtEnd)
        return prompts
    }

    @Test func logitsOfTheReference() throws {
        let model = try ModelArchitecture.loadDecoder(GGUFFile(path: TestModels.smolLM2), precision: .exact)
        var largest: Float = 0
        for prompt in try golden(vocabulary: model.vocabularyCount) {
            let session = GenerationSession(model, cacheType: .f32, batchSize: 128)
            try session.append(prompt.tokens) { index, logits in
                for (id, logit) in prompt.top[index] { largest = max(largest, abs(logits[id] - logit)) }
                for sample in prompt.samples where sample.position == index {
                    for (id, logit) in sample.logits { largest = max(largest, abs(logits[id] - logit)) }
                }
            }
        }
        print("SmolLM2, plain path: largest logit difference to llama.cpp \(largest)")
        #expect(largest <= 0.01)
    }

    @Test func greedyTokensOfTheReference() throws {
        let model = try ModelArchitecture.loadDecoder(GGUFFile(path: TestModels.smolLM2), precision: .exact)
        let prompts = try golden(vocabulary: model.vocabularyCount)
        #expect(prompts.count == 20)
        for prompt in prompts {
            let session = GenerationSession(model, cacheType: .f32)
            var logits = try session.append(Array(prompt.tokens.prefix(prompt.promptCount)))
            while session.tokens.count < prompt.tokens.count {
                logits = try session.append([try Sampler.mostLikely(logits)])
            }
            #expect(session.tokens == prompt.tokens)
        }
    }
}
