import Foundation
import Testing

import Footnote

/// A tiny model as it would be published, and what sentence-transformers makes of it; see `make_embedding_models.py`.
private struct PublishedModel: Sendable {
    let folder: URL
    let expected: Expected

    struct Expected: Decodable, Sendable {
        struct Prompts: Decodable, Sendable { var query: String, document: String }
        struct Case: Decodable, Sendable {
            var text: String
            var role: EmbeddingRole
            var vector: [Float]
        }
        var prompts: Prompts
        var maximum_tokens: Int
        var dimension: Int
        var cases: [Case]
    }

    static let names = [
        "tiny-minilm", "tiny-roberta", "tiny-multilingual-e5-small", "tiny-bge-m3", "tiny-nomic-embed-text",
        "tiny-modernbert", "tiny-qwen3-embedding",
    ]

    static func folder(_ name: String) -> URL {
        Bundle.module.bundleURL.appendingPathComponent("Fixtures/EmbeddingModels/\(name)")
    }

    init(_ name: String) throws {
        folder = Self.folder(name)
        expected = try JSONDecoder().decode(
            Expected.self, from: Data(contentsOf: folder.appendingPathComponent("expected.json")))
    }

    /// The folder, or a GGUF file of the same name that `model convert` makes of it.
    func path(converted: Bool, in temporary: TemporaryFolder) throws -> String {
        guard converted else { return folder.path }
        let path = temporary.url.appendingPathComponent(folder.lastPathComponent + ".gguf").path
        try ModelInspection.convert(folder: folder.path, to: path, type: nil, includesTokenizer: true)
        return path
    }
}

private func dot(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

@Suite struct EmbeddingModelTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Every kind of tokenizer, pooling and prompt, from the published folder and from a file made of it.
    @Test(arguments: PublishedModel.names, [false, true])
    func vectorsOfSentenceTransformers(name: String, converted: Bool) async throws {
        let published = try PublishedModel(name)
        let store = ModelStore(folder: folder.url), path = try published.path(converted: converted, in: folder)
        let (model, product) = (try store.exactEmbeddingModel(path), try store.embeddingModel(path))
        #expect(model.identity.name == name)
        #expect(model.dimension == published.expected.dimension)
        #expect(model.maximumTokens == published.expected.maximum_tokens)
        for role in EmbeddingRole.allCases {
            let cases = published.expected.cases.filter { $0.role == role }
            let vectors = try await model.embed(cases.map(\.text), as: role)
            for (index, item) in cases.enumerated() {
                let vector = Array(vectors[index * model.dimension..<(index + 1) * model.dimension])
                let cosine = dot(vector, item.vector)
                #expect(cosine > 0.99999, "\(name): \(item.text.debugDescription) \(cosine)")
                // What the product uses may round to 8 bits, which shows in so few dimensions.
                let rounded = dot(try await product.embed([item.text], as: role), item.vector)
                #expect(rounded > 0.995, "\(name): \(item.text.debugDescription) \(rounded)")
            }
        }
    }

    /// What `index` and `search` do with a model: the cosine of a question and a passage is that of the reference.
    @Test(arguments: PublishedModel.names) func indexAndSearch(name: String) async throws {
        let published = try PublishedModel(name)
        let documents = published.expected.cases.filter { $0.role == .document && $0.text.count < 70 }
        // A plain text of one paragraph is one passage without a title.
        for (number, item) in documents.enumerated() { try folder.write("texts/\(number).txt", item.text) }
        let base = try await KnowledgeBase(at: folder.url, options: .init(embeddingModel: .named(published.folder.path)))
        #expect(try await base.index(folder.url.appendingPathComponent("texts")).isComplete)
        let question = try #require(published.expected.cases.first { $0.role == .query })
        let results = try await base.search(question.text, options: SearchOptions(mode: .dense, limit: 20))
        // A model of short texts has the longest of these in parts.
        #expect(published.expected.maximum_tokens < 100 || results.count == documents.count)
        for result in results {
            let number = try #require(Int((result.document.path as NSString).lastPathComponent.dropLast(4)))
            // Text is tidied when it is read, so that only texts without runs of spaces are the reference's.
            guard result.text == documents[number].text else { continue }
            let expected = dot(question.vector, documents[number].vector)
            #expect(abs(Float(result.scores.denseScore ?? 9) - expected) < 1e-2, "\(name) \(number)")
        }
        #expect(results.contains { result in documents.contains { $0.text == result.text } })
    }

    @Test func promptsAreKeptInTheKnowledgeBase() async throws {
        let published = try PublishedModel("tiny-roberta")
        let model = try ModelStore(folder: folder.url).embeddingModel(published.folder.path)
        try folder.write("texts/a.txt", "The keys are rotated.")
        func open() async throws -> KnowledgeBase {
            try await KnowledgeBase(at: folder.url, options: .init(embeddingModel: .named(published.folder.path)))
        }
        func score(_ query: String, _ document: String) async throws -> Float {
            dot(try await model.embed([query]), try await model.embed([document]))
        }
        func found() async throws -> Float {
            let results = try await open().search("rotation", options: SearchOptions(mode: .dense))
            return Float(results.first?.scores.denseScore ?? .nan)
        }
        let text = "The keys are rotated."
        var options = IndexingOptions()
        options.prompts = EmbeddingPrompts(query: "ask: ", document: "say: ")
        let texts = folder.url.appendingPathComponent("texts")
        #expect(try await open().index(texts, options: options).count(.indexed) == 1)
        #expect(abs(try await found() - score("ask: rotation", "say: " + text)) < 1e-3)
        // Without a word on prompts they stay, and nothing is read again.
        #expect(try await open().index(texts).count(.indexed) == 0)
        #expect(abs(try await found() - score("ask: rotation", "say: " + text)) < 1e-3)
        // No vector depends on the prompt of questions.
        options.prompts = EmbeddingPrompts(query: "")
        #expect(try await open().index(texts, options: options).count(.indexed) == 0)
        #expect(abs(try await found() - score("rotation", "say: " + text)) < 1e-3)
        // All do on that of passages.
        options.prompts = EmbeddingPrompts(document: "")
        #expect(try await open().index(texts, options: options).count(.indexed) == 1)
        #expect(abs(try await found() - score("rotation", text)) < 1e-3)
        try await expectSound(open())
    }

    @Test func anotherModelIsAnErrorThatNamesBoth() async throws {
        try folder.write("texts/a.txt", "The keys are rotated.")
        func open(_ name: String) async throws -> KnowledgeBase {
            try await KnowledgeBase(
                at: folder.url, options: .init(embeddingModel: .named(PublishedModel.folder(name).path)))
        }
        try await open("tiny-roberta").index(folder.url.appendingPathComponent("texts"))
        let error = await #expect(throws: KnowledgeBaseError.self) { try await open("tiny-bge-m3").search("keys") }
        let text = error?.description ?? ""
        #expect(text.contains("tiny-roberta (32 dimensions)") && text.contains("tiny-bge-m3"), "\(text)")
    }

    @Test func stepsThatAreNotThereAreRefused() throws {
        let copy = folder.url.appendingPathComponent("copy")
        try FileManager.default.copyItem(at: PublishedModel.folder("tiny-roberta"), to: copy)
        let modules = try String(contentsOf: copy.appendingPathComponent("modules.json"), encoding: .utf8)
        try folder.write("copy/modules.json", modules.replacing("modules.normalize.Normalize", with: "modules.dense.Dense"))
        let error = #expect(throws: ModelError.self) { try ModelStore(folder: folder.url).embeddingModel(copy.path) }
        #expect("\(error as Any)".contains("Dense"))
        #expect(throws: ModelError.self) {
            try ModelStore(folder: folder.url).embeddingModel(PublishedModel.folder("tiny-bge-ranker").path)
        }
    }

    /// Weights in several files are one model, whose digest changes with any of them.
    @Test func weightsInSeveralFiles() async throws {
        let published = try PublishedModel("tiny-roberta")
        let copy = folder.url.appendingPathComponent("sharded")
        try FileManager.default.copyItem(at: published.folder, to: copy)
        try FileManager.default.moveItem(
            at: copy.appendingPathComponent("model.safetensors"), to: copy.appendingPathComponent("part-1.safetensors"))
        try folder.write(
            "sharded/model.safetensors.index.json",
            #"{"weight_map": {"embeddings.word_embeddings.weight": "part-1.safetensors"}}"#)
        let store = ModelStore(folder: folder.url)
        let (whole, parts) = (try store.embeddingModel(published.folder.path), try store.embeddingModel("sharded"))
        #expect(try await whole.embed(["rotation"]) == parts.embed(["rotation"]))
        #expect(whole.identity.digest != parts.identity.digest)
        #expect(try store.describe("sharded").digest == parts.identity.digest)
    }

    private struct RankerCases: Decodable {
        struct Case: Decodable { var query: String, passage: String, score: Double }
        var cases: [Case]
    }

    @Test(arguments: ["tiny-marco-ranker", "tiny-bge-ranker", "tiny-roberta-ranker"], [false, true])
    func scoresOfSentenceTransformers(name: String, converted: Bool) async throws {
        let source = PublishedModel.folder(name)
        let golden = try JSONDecoder().decode(
            RankerCases.self, from: Data(contentsOf: source.appendingPathComponent("expected.json")))
        var path = source.path
        if converted {
            path = folder.url.appendingPathComponent(name + ".gguf").path
            try ModelInspection.convert(folder: source.path, to: path, type: nil, includesTokenizer: true)
        }
        let ranker = try ModelStore(folder: folder.url).reranker(path)
        let scores = try await ranker.scores(
            question: golden.cases[0].query, passages: golden.cases.map(\.passage))
        for (score, item) in zip(scores, golden.cases) {
            #expect(abs(score - item.score) < 0.03, "\(name): \(item.passage.debugDescription) \(score) \(item.score)")
        }
    }

    /// The list of a model's files is not to be trusted: nothing outside of its folder is read or written beside.
    @Test func weightsLieInTheFolder() throws {
        try folder.write("m/config.json", #"{"model_type": "bert"}"#)
        try folder.write("m/model.safetensors.index.json", #"{"weight_map": {"a": "../outside"}}"#)
        try folder.write("outside", "text")
        let path = folder.url.appendingPathComponent("m").path
        #expect(throws: ModelError.self) { try ModelStore(folder: folder.url).identity(path) }
        #expect(!FileManager.default.fileExists(atPath: folder.url.appendingPathComponent(".outside.sha256").path))
    }

    /// Questions and passages get different marks, and a caller's own model may be given some too.
    @Test func ownModelsGetPromptsToo() async throws {
        try folder.write("texts/a.txt", "alpha beta")
        let seen = SeenTexts()
        var options = IndexingOptions()
        options.prompts = EmbeddingPrompts(query: "q: ", document: "d: ")
        let model = RecordingModel(base: HashingEmbeddingModel(), seen: seen)
        let base = try await KnowledgeBase(at: folder.url, options: .init(embeddingModel: .model(model)))
        try await base.index(folder.url.appendingPathComponent("texts"), options: options)
        _ = try await base.search("alpha", options: SearchOptions(mode: .dense))
        #expect(seen.all.contains { $0.hasPrefix("d: ") && $0.hasSuffix("alpha beta") })
        #expect(seen.all.contains("q: alpha"))
    }
}

/// Notes what it is given.
private struct RecordingModel: EmbeddingModel {
    let base: HashingEmbeddingModel
    let seen: SeenTexts
    var identity: ModelIdentity { base.identity }
    var dimension: Int { base.dimension }
    var maximumTokens: Int { base.maximumTokens }
    func tokenCount(_ text: String) -> Int { base.tokenCount(text) }
    func embed(_ texts: [String]) async throws -> [Float] {
        seen.add(texts)
        return try await base.embed(texts)
    }
}

/// Texts that a model was given.
private final class SeenTexts: @unchecked Sendable {  // sound: all access is under the lock
    private let lock = NSLock()
    private var texts: [String] = []
    var all: [String] { lock.withLock { texts } }
    func add(_ more: [String]) { lock.withLock { texts += more } }
}
