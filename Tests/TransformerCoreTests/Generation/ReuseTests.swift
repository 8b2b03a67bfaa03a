import Foundation
import Testing

import Tokenizers
import TransformerCore

@Suite struct ReuseTests {
    private let tokenizer = LetterTokenizer("abcdefghijklmnopqrstuvw")

    private func text(_ generator: TextGenerator, _ prompt: [Int32], documents: [Int64] = []) async throws -> (String, GeneratorStatistics) {
        var text = ""
        let parameters = GenerationParameters(maximumTokens: 4)
        for try await event in generator.generate(prompt, parameters, documents: documents) {
            switch event {
            case .text(let piece): text += piece
            case .finished(let statistics): return (text, statistics)
            }
        }
        throw GenerationError.emptyPrompt
    }

    private func prompt(_ count: Int, seed: UInt64) -> [Int32] {
        var random = TestRandom(seed: seed)
        return (0..<count).map { _ in Int32.random(in: 0..<23, using: &random) }
    }

    private func model(context: UInt32 = 1024) throws -> any DecoderModel {
        var tiny = TinyLlama()
        tiny.builder.metadata.removeAll { $0.key == "llama.context_length" }
        tiny.builder.add("llama.context_length", .uint32(context))
        return try tiny.load()
    }

    @Test func keepsToItsBudget() async throws {
        let model = try model()
        let generator = TextGenerator(model: model, tokenizer: tokenizer, reuseBudget: 40_000)
        for seed in 0..<12 as Range<UInt64> {
            _ = try await text(generator, prompt(100, seed: seed))
            #expect(try #require(generator.prefixes).byteCount <= 40_000)
        }
        #expect(try await text(generator, prompt(100, seed: 11)).1.reusedTokens == 84)
        #expect(try await text(generator, prompt(100, seed: 0)).1.reusedTokens == 0)
        generator.prefixes?.removeAll()
        #expect(generator.prefixes?.byteCount == 0)
    }

    /// Prompts that begin alike read the beginning once, also when they are asked at the same time.
    @Test func readsWhatConcurrentPromptsShareOnce() async throws {
        let model = try model()
        let beginning = prompt(120, seed: 1)
        let prompts = (2..<6 as Range<UInt64>).map { beginning + prompt(20, seed: $0) }
        var expected: [String] = []
        for prompt in prompts {
            expected.append(try await text(TextGenerator(model: model, tokenizer: tokenizer), prompt).0)
        }
        let generator = TextGenerator(model: model, tokenizer: tokenizer, reuseBudget: 1 << 24)
        let found = try await withThrowingTaskGroup(of: (Int, String, Int).self) { group in
            for (index, prompt) in prompts.enumerated() {
                group.addTask {
                    let (text, statistics) = try await text(generator, prompt)
                    return (index, text, statistics.reusedTokens)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for (index, text, _) in found { #expect(text == expected[index]) }
        #expect(found.map(\.2).sorted() == [0, 120, 120, 120])
    }

    /// Another process finds what this one kept, until a document is deleted.
    @Test func keepsPromptsInAFolder() async throws {
        let folder = try TemporaryFolder()
        let model = try model()
        func generator(_ name: String) -> TextGenerator {
            let store = PrefixStore(folder: folder.url.appendingPathComponent("prompts"), model: name, budget: 1 << 24)
            return TextGenerator(model: model, tokenizer: tokenizer, reuseBudget: 1 << 24, store: store)
        }
        func files() throws -> [URL] {
            try FileManager.default.contentsOfDirectory(
                at: folder.url.appendingPathComponent("prompts"), includingPropertiesForKeys: nil)
        }
        let (first, second) = (prompt(400, seed: 1), prompt(400, seed: 2))
        let expected = try await text(generator("a"), first, documents: [7, 8])
        #expect(expected.1.reusedTokens == 0)
        _ = try await text(generator("a"), second, documents: [9])
        #expect(try files().count == 2)
        let again = try await text(generator("a"), first, documents: [7, 8])
        #expect(again.1.reusedTokens == 384 && again.0 == expected.0)
        #expect(try files().count == 2)
        // Not with another model's numbers, and not what is not made of documents.
        #expect(try await text(generator("b"), first, documents: [7]).1.reusedTokens == 0)
        #expect(try await text(generator("a"), first).1.reusedTokens == 0)
        try PrefixStore.remove(documents: [8], in: folder.url.appendingPathComponent("prompts"))
        #expect(try await text(generator("a"), first, documents: [1]).1.reusedTokens == 0)
        #expect(try await text(generator("a"), second, documents: [9]).1.reusedTokens == 384)
    }

    @Test func aDocumentDeletedDuringAnAnswerLeavesNothing() async throws {
        let folder = try TemporaryFolder()
        let store = PrefixStore(folder: folder.url, model: "a", budget: 1 << 24)
        let generator = TextGenerator(model: try model(), tokenizer: tokenizer, reuseBudget: 1 << 24, store: store)
        func files() throws -> Int { try FileManager.default.contentsOfDirectory(at: folder.url, includingPropertiesForKeys: nil).count }
        for (deleted, left) in [(Int64(5), 0), (6, 1)] {
            let ids = prompt(400, seed: UInt64(30 + deleted))
            let place = try #require(store.reserve(ids, documents: [5, 7]))
            #expect(store.load(ids, longerThan: 0) == nil)
            _ = try await text(generator, ids)
            let snapshot = try #require(generator.prefixes?.snapshot(of: ids))
            try PrefixStore.remove(documents: [deleted], in: folder.url)
            store.save(snapshot, in: place)
            #expect(try files() == left)
            #expect((store.load(ids, longerThan: 0)?.tokens == ids) == (left == 1))
        }
    }

    @Test func damagedFilesAreNone() async throws {
        let folder = try TemporaryFolder()
        let model = try model()
        let store = PrefixStore(folder: folder.url, model: "a", budget: 1 << 24)
        let ids = prompt(300, seed: 3)
        _ = try await text(TextGenerator(model: model, tokenizer: tokenizer, reuseBudget: 1 << 24, store: store), ids, documents: [1])
        let file = try #require(try FileManager.default.contentsOfDirectory(at: folder.url, includingPropertiesForKeys: nil).first)
        let whole = try Data(contentsOf: file)
        #expect(store.load(ids, longerThan: 0)?.tokens == ids)
        var random = TestRandom(seed: 1)
        for length in [0, 7, 15, 16, 40, whole.count - 1] {
            try whole.prefix(length).write(to: file)
            #expect(store.load(ids, longerThan: 0) == nil)
        }
        for _ in 0..<300 {
            var damaged = whole
            for _ in 0..<3 { damaged[Int.random(in: 0..<260, using: &random)] = UInt8.random(in: 0...255, using: &random) }
            try damaged.write(to: file)
            _ = store.load(ids, longerThan: 0)
        }
        try Data([1, 2, 3]).write(to: file)
        try PrefixStore.remove(documents: [99], in: folder.url)
        #expect(try FileManager.default.contentsOfDirectory(at: folder.url, includingPropertiesForKeys: nil).isEmpty)
    }

    /// Keys that are moved are those that would be computed there, as far as the passage depends on nothing before it:
    /// with nothing before it in both prompts but what is the same.
    @Test(arguments: ["qwen2", "llama3", "linear"]) func movedKeysAreThoseOfTheOtherPosition(kind: String) async throws {
        let path = Bundle.module.bundleURL.appendingPathComponent("Fixtures/tiny_\(kind).bin").path
        let model = try ModelArchitecture.loadDecoder(GGUFFile(path: path), precision: .exact)
        #expect(model.layerRotaries?.count ?? 0 > 0)
        let rotary = try #require(model.layerRotaries?[0])
        var random = TestRandom(seed: 4)
        var there = rotary, here = rotary
        there.prepare(positions: [300])
        here.prepare(positions: [17])
        let plain = (0..<rotary.headDimension).map { _ in random.float() }
        var (far, near) = (plain, plain)
        there.apply(&far, rows: 1, heads: 1, stride: rotary.headDimension, pool: nil)
        here.apply(&near, rows: 1, heads: 1, stride: rotary.headDimension, pool: nil)
        let moved = rotary.turned(far, by: 17 - 300)
        #expect(zip(moved, near).allSatisfy { abs($0 - $1) < 2e-4 })
    }

    @Test func passagesAreFoundWhereverTheyStand() async throws {
        let generator = TextGenerator(
            model: try model(), tokenizer: tokenizer, cacheType: .f32, reuseBudget: 1 << 24, reusesPassages: true)
        let passages = (0..<3).map { prompt(80, seed: 10 + $0) }
        let question = prompt(40, seed: 20)
        _ = try await text(generator, passages[0] + passages[1] + passages[2] + question)
        let (_, statistics) = try await text(generator, prompt(30, seed: 21) + passages[2] + passages[0] + question)
        // All but the first tokens of each passage; the end of the prompt is read.
        #expect(statistics.reusedTokens == 2 * (80 - 8))
        let plain = TextGenerator(model: try model(), tokenizer: tokenizer, reuseBudget: 1 << 24)
        _ = try await text(plain, passages[0] + passages[1] + question)
        #expect(try await text(plain, passages[1] + passages[0] + question).1.reusedTokens == 0)
    }

    /// Answers with keys and values in bytes stay near those in halves.
    @Test(.enabled(if: TestModels.hasSmolLM2)) func bytesAreNearHalves() throws {
        let model = try ModelArchitecture.loadDecoder(GGUFFile(path: TestModels.smolLM2))
        var fixture = try Fixture("smollm2_text.bin")
        let ids = fixture.ids(400)
        let half = GenerationSession(model), bytes = GenerationSession(model, cacheType: .q8_0)
        var (best, other): ([Int32], [Int32]) = ([], [])
        try half.append(ids) { best.append(try Sampler.mostLikely($1, position: $0)) }
        try bytes.append(ids) { other.append(try Sampler.mostLikely($1, position: $0)) }
        let same = zip(best, other).count { $0 == $1 }
        print("keys and values in bytes: same top token at \(same) of \(ids.count)")
        #expect(same > 380 && best != [])
        // One token at a time reads them in another way.
        for id in [Int32(100), 200, 300] {
            let difference = zip(try half.append([id]), try bytes.append([id])).map { abs($0 - $1) }.max() ?? 9
            #expect(difference > 0 && difference < 2, "\(difference)")
        }
    }
}
