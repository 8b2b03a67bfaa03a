import Foundation
import Testing

import Footnote

@Suite struct ModelStoreTests {
    let folder: TemporaryFolder
    let store: ModelStore

    init() throws {
        folder = try TemporaryFolder()
        store = ModelStore(folder: folder.url)
    }

    @Test func environmentNamesTheFolder() {
        #expect(ModelStore(environment: ["FOOTNOTE_MODELS": "/m", "XDG_DATA_HOME": "/x"]).folder.path == "/m")
        #expect(ModelStore(environment: ["XDG_DATA_HOME": "/x", "HOME": "/h"]).folder.path == "/x/footnote/models")
        #expect(
            ModelStore(environment: ["XDG_DATA_HOME": "relative", "HOME": "/h"]).folder.path
                == "/h/.local/share/footnote/models")
        #expect(ModelStore(environment: ["FOOTNOTE_MODELS": "", "HOME": "/h"]).folder.path == "/h/.local/share/footnote/models")
    }

    @Test func modelsAreFoundByName() throws {
        for name in ["Small-Instruct.Q4_1.gguf", "Other.gguf", "Twin.Q4_0.gguf", "Twin.Q8_0.gguf", "notes.txt", ".hidden.gguf"] {
            try folder.write(name, "")
        }
        try folder.write("encoder/model.safetensors", "")
        try folder.write("encoder/config.json", "{}")
        try folder.write("unfinished/config.json", "{}")
        #expect(store.names() == ["Other", "Small-Instruct.Q4_1", "Twin.Q4_0", "Twin.Q8_0", "encoder"])
        #expect(try store.find("small-instruct").name == "Small-Instruct.Q4_1")
        #expect(try store.find("Other.gguf").name == "Other")
        #expect(try store.find("encoder").format == .safetensors)
        #expect(try store.find(folder.url.appendingPathComponent("Other.gguf").path).name == "Other")
        #expect(throws: ModelError.ambiguous(name: "Twin", candidates: ["Twin.Q4_0", "Twin.Q8_0"])) { try store.find("Twin") }
        #expect(throws: ModelError.self) { try store.find("unfinished") }
        #expect(throws: ModelError.self) { try store.find("Small") }
    }

    @Test func digestIsKeptAndNoticesChange() throws {
        try folder.write("a.gguf", "abc")
        let digest = try store.identity("a").digest
        #expect(digest == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(try store.identity("a").digest == digest)
        #expect(store.names() == ["a"])
        try folder.remove("a.gguf")
        try folder.write("a.gguf", "abcd")
        #expect(try store.identity("a").digest != digest)
    }

    @Test func refusesWhatIsNoModel() throws {
        let other = try TemporaryFolder()
        let file = try other.write("broken.gguf", "GGUF this is not")
        #expect(throws: ModelError.self) { try store.add(file) }
        #expect(throws: ModelError.self) { try store.add(other.url.appendingPathComponent("absent.gguf")) }
        #expect(store.names().isEmpty)
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
        #expect(left.isEmpty)
    }

    @Test func removesOnlyItsOwn() throws {
        let other = try TemporaryFolder()
        let file = try other.write("mine.gguf", "x")
        #expect(throws: ModelError.self) { try store.remove(file.path) }
        #expect(FileManager.default.fileExists(atPath: file.path))
        try folder.write("gone.gguf", "x")
        try store.remove("gone")
        #expect(store.names().isEmpty)
    }

    @Test(arguments: ["nothing", "a/b/c", "../x/y", "/etc/passwd"])
    func pullNeedsAKnownName(name: String) async {
        await #expect(throws: ModelError.self) { try await store.pull(name) }
    }

    private static let defaults = ModelStore()
    private static let hasEmbeddingModel = (try? defaults.find(ModelStore.defaultEmbeddingModel)) != nil

    @Test(.enabled(if: hasEmbeddingModel)) func defaultEmbeddingModelWorks() async throws {
        let description = try Self.defaults.describe(ModelStore.defaultEmbeddingModel)
        #expect(description.architecture == "bert" && description.vocabularyCount == 30522)
        #expect((22_000_000...23_500_000).contains(description.parameters))
        let model = try Self.defaults.embeddingModel(ModelStore.defaultEmbeddingModel)
        #expect(model.dimension == 384 && model.identity.digest == description.digest)
        let vectors = try await model.embed(["A cat sits on the mat.", "A kitten rests on a rug.", "Interest rates rose again."])
        func cosine(_ a: Int, _ b: Int) -> Float {
            (0..<384).reduce(0) { $0 + vectors[a * 384 + $1] * vectors[b * 384 + $1] }
        }
        #expect(abs(cosine(0, 0) - 1) < 1e-3)
        #expect(cosine(0, 1) > 0.4 && cosine(0, 2) < 0.3)
        #expect(model.coverage("How do I rotate the keys?") > 0.9)
        #expect(model.coverage("紫砂壶") < 0.2)
        #expect(model.coverage("где находится банк") < 0.5)
    }
}
