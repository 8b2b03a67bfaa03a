import Foundation
import Testing

import TransformerCore

/// Scores of small random models against transformers; see `make_tiny_bert.py`.
@Suite struct BERTCrossEncoderTests {
    private let fixture: PairFixture

    init() throws {
        fixture = try PairFixture.load()
    }

    private func cross(_ labels: Int) -> PairFixture.Cross { labels == 1 ? fixture.cross1 : fixture.cross2 }

    private func load(_ labels: Int, precision: ComputePrecision = .exact) throws -> BERTCrossEncoder {
        let folder = try fixture.folder("tiny_cross\(labels).bin", architectures: cross(labels).architectures)
        return try ModelArchitecture.loadCrossEncoder(path: folder.url.path, precision: precision)
    }

    @Test(arguments: [1, 2]) func scoresOfTheReference(labels: Int) throws {
        let scores = try load(labels).score(fixture.pairs)
        let difference = relativeError(scores, cross(labels).scores)
        print("cross-encoder of \(labels) labels: largest difference to transformers \(difference)")
        #expect(difference <= 1e-4)
    }

    @Test(arguments: [1, 2]) func ggufScoresTheSame(labels: Int) throws {
        let file = try fixture.gguf("tiny_cross\(labels).bin", pooling: 4)
        let encoder = try ModelArchitecture.loadCrossEncoder(path: file.path, precision: .exact)
        #expect(encoder.maximumTokens == 64)
        #expect(relativeError(try encoder.score(fixture.pairs), cross(labels).scores) <= 1e-4)
    }

    @Test(arguments: [1, 2]) func fastIsClose(labels: Int) throws {
        let exact = try load(labels).score(fixture.pairs)
        let fast = try load(labels, precision: .fast).score(fixture.pairs)
        #expect(relativeError(fast, exact) <= fastTolerance)
    }

    @Test func aPairScoresTheSameInAnyCompany() throws {
        let encoder = try load(1)
        let many = (0..<60).map { fixture.pairs[$0 * 5 % fixture.pairs.count] }
        let together = try encoder.score(many, pool: ComputePool(threads: 3))
        for (pair, score) in zip(many, together) {
            #expect(abs(try encoder.score([pair], pool: ComputePool(threads: 1))[0] - score) < 1e-5)
        }
        #expect(try encoder.score([]).isEmpty)
    }

    @Test func otherModelsAreRefused() throws {
        let embedding = try fixture.folder("tiny_bert.bin", architectures: ["BertModel"])
        #expect {
            try ModelArchitecture.loadCrossEncoder(path: embedding.url.path)
        } throws: { error in
            guard case .unsupportedArchitecture(_, "BertModel", ["BertForSequenceClassification"])? = error as? ModelFileError
            else { return false }
            return true
        }
        // Without the class name the tensors decide.
        let unnamed = try fixture.folder("tiny_bert.bin", architectures: [])
        #expect(throws: ModelFileError.self) { try ModelArchitecture.loadCrossEncoder(path: unnamed.url.path) }
        let mean = try fixture.gguf("tiny_cross1.bin", pooling: 1)
        #expect(throws: ModelFileError.self) { try ModelArchitecture.loadCrossEncoder(path: mean.path) }
        let ranking = try fixture.gguf("tiny_cross1.bin", pooling: 4)
        #expect(throws: ModelFileError.self) { try ModelArchitecture.loadEncoder(path: ranking.path) }
        let llama = try TemporaryFile(TinyLlama().builder.build(), name: "llama", suffix: ".gguf")
        #expect(throws: ModelFileError.self) { try ModelArchitecture.loadCrossEncoder(path: llama.path) }
    }

    @Test func headTensorsAreChecked() throws {
        let original = try SafetensorsBuilder(SafetensorsFile(path: PairFixture.url("tiny_cross2.bin").path))
        let folder = try fixture.folder("tiny_cross2.bin", architectures: fixture.cross2.architectures)
        func load(_ file: SafetensorsBuilder) throws {
            try Data(file.build()).write(to: folder.url.appendingPathComponent("model.safetensors"))
            _ = try ModelArchitecture.loadCrossEncoder(path: folder.url.path)
        }
        #expect(throws: Never.self) { try load(original) }
        for (index, tensor) in original.tensors.enumerated() {
            guard tensor.name.hasPrefix("classifier") || tensor.name.contains("pooler") else { continue }
            var file = original
            file.tensors.remove(at: index)
            #expect(throws: ModelFileError.self, "\(tensor.name)") { try load(file) }
            file = original
            file.tensors[index].shape = [tensor.values.count]
            if tensor.shape != [tensor.values.count] {
                #expect(throws: ModelFileError.self, "\(tensor.name)") { try load(file) }
            }
            file.tensors[index].shape = [tensor.values.count / 2, 2]
            #expect(throws: ModelFileError.self, "\(tensor.name)") { try load(file) }
        }
    }
}
