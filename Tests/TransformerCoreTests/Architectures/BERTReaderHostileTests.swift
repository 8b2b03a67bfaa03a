import Foundation
import Testing

import TransformerCore

/// Files of adapters that are damaged or belong to another model.
@Suite struct BERTReaderHostileTests {
    private let fixture: PairFixture
    private let folder: TemporaryFolder
    private let original: SafetensorsBuilder

    init() throws {
        fixture = try PairFixture.load()
        folder = try fixture.folder("tiny_bert.bin", architectures: ["BertModel"])
        original = try SafetensorsBuilder(SafetensorsFile(path: PairFixture.url("tiny_reader.bin").path))
    }

    private func load(_ bytes: [UInt8]) throws -> BERTReader {
        try BERTReader(
            path: folder.url.path, adapters: SafetensorsFile(bytes: bytes, name: "reader"), precision: .exact)
    }

    @Test func everyTensorIsNeeded() throws {
        #expect(original.tensors.count == 2 * 6 * 2 + 2)
        #expect(throws: Never.self) { try load(original.build()) }
        for index in original.tensors.indices {
            var file = original
            let removed = file.tensors.remove(at: index)
            #expect {
                try load(file.build())
            } throws: { error in
                guard case .missingTensor("reader", removed.name, _)? = error as? ModelFileError else { return false }
                return true
            }
        }
    }

    @Test func shapesAreChecked() throws {
        for index in original.tensors.indices {
            let (name, shape, values) = original.tensors[index]
            var wrong: [[Int]] = [[values.count], [values.count, 1], [1, values.count, 1], []]
            if shape.count == 2 { wrong += [[shape[1], shape[0]], [shape[0] / 2, shape[1] * 2], [0, shape[1]]] }
            for found in wrong where found != shape {
                var file = original
                file.tensors[index].shape = found
                file.tensors[index].values = Array(values.prefix(found.reduce(1, *)))
                #expect(throws: ModelFileError.self, "\(name) \(found)") { try load(file.build()) }
            }
        }
    }

    @Test func unknownNamesAreRefused() throws {
        for name in ["layers.3.query.lora_a", "layers.1.gate.lora_a", "outputs.scale", "query.lora_a", ""] {
            var file = original
            file.tensors.append((name, [4, 32], [Float](repeating: 0, count: 128)))
            #expect(throws: ModelFileError.unexpectedTensor(file: "reader", tensor: name)) { try load(file.build()) }
        }
    }

    @Test func valuesMustBeFinite() throws {
        for index in original.tensors.indices {
            for value in [Float.nan, .infinity, -.infinity] {
                var file = original
                file.tensors[index].values[file.tensors[index].values.count / 2] = value
                let name = file.tensors[index].name
                #expect(throws: ModelFileError.notFinite(file: "reader", tensor: name)) { try load(file.build()) }
            }
        }
    }

    @Test func weightsThatOverflowAreNoticed() throws {
        var file = original
        for index in file.tensors.indices where file.tensors[index].name.hasPrefix("outputs.") {
            file.tensors[index].values = file.tensors[index].values.map { _ in 3e38 }
        }
        let reader = try load(file.build())
        #expect(throws: EncoderError.notANumber(index: 0)) { try reader.read(fixture.pairs) }
    }

    @Test func adaptersOfAnotherModel() throws {
        let other = try fixture.folder("tiny_cross1.bin", architectures: ["BertModel"])
        try Data(#"{"model_type": "roberta"}"#.utf8).write(to: other.url.appendingPathComponent("config.json"))
        let bytes = try original.build()
        #expect(throws: ModelFileError.self) {
            try BERTReader(path: other.url.path, adapters: SafetensorsFile(bytes: bytes, name: "reader"))
        }
    }

    @Test func truncatedAnywhere() throws {
        let whole = try PairFixture.bytes("tiny_reader.bin")
        for length in stride(from: 0, to: whole.count, by: 97) {
            #expect(throws: ModelFileError.self) { try load(Array(whole.prefix(length))) }
        }
    }

    @Test func fiveHundredMutations() throws {
        let whole = try PairFixture.bytes("tiny_reader.bin")
        var random = TestRandom(seed: 9)
        var loaded = 0
        for _ in 0..<500 {
            guard let reader = try? load(mutated(whole, using: &random)) else { continue }
            loaded += 1
            _ = try? reader.read([fixture.pairs[0]])
        }
        #expect(loaded > 50)
    }
}
