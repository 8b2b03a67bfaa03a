import Foundation
import Testing

import TransformerCore

/// A tiny model as it would be published, and what transformers makes of it; see `make_families.py`.
struct FamilyFixture {
    let name: String
    let folder: String

    static let decoders = [
        "llama2", "llama3", "smollm2", "mistral", "mixtral", "qwen25", "qwen3", "qwen3moe", "phi3", "phi3long",
        "gemma2", "gemma3", "gpt2", "falcon7", "falcon40", "deepseek2", "deepseek2big", "deepseek3",
    ]

    init(_ name: String) throws {
        self.name = name
        folder = Bundle.module.bundleURL.appendingPathComponent("Fixtures/Families/\(name)").path
    }

    /// A GGUF file that our converter makes of it.
    func converted(_ precision: ModelConverter.Precision = .asStored) throws -> TemporaryFile {
        let file = try TemporaryFile([0], name: name, suffix: ".gguf")
        try ModelConverter(folder: folder, precision: precision, includesTokenizer: false).writer.write(to: file.path)
        return file
    }

    func decoder(precision: ComputePrecision = .exact) throws -> any DecoderModel {
        let file = try converted()
        return try withExtendedLifetime(file) {
            try ModelArchitecture.loadDecoder(GGUFFile(path: file.path), precision: precision)
        }
    }

    /// Tokens, the logits after each, and the tokens that greedy choice goes on with.
    func expected() throws -> (tokens: [Int32], logits: [Float], greedy: [Int32]) {
        var fixture = try Fixture("Families/\(name)/expected.bin")
        let count = Int(fixture.next(UInt32.self))
        let vocabulary = Int(fixture.next(UInt32.self))
        let tokens = fixture.array(count, of: Int32.self)
        let logits = fixture.array(count * vocabulary, of: Float.self)
        return (tokens, logits, fixture.array(Int(fixture.next(UInt32.self)), of: Int32.self))
    }
}
