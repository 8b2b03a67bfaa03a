import Testing

import TransformerCore

/// Model files that are well-formed and wrong.
@Suite struct LlamaHostileTests {
    private func load(_ change: (inout TinyLlama) -> Void) throws -> any DecoderModel {
        var model = TinyLlama()
        change(&model)
        return try model.load()
    }

    @Test func theUndamagedOneWorks() throws {
        let session = GenerationSession(try load { _ in })
        #expect(try session.append([1, 2, 3]).count == TinyLlama.vocabulary)
    }

    @Test func everyTensorIsNeeded() throws {
        for index in TinyLlama().builder.tensors.indices {
            let name = TinyLlama().builder.tensors[index].name
            #expect { try load { $0.builder.tensors.remove(at: index) } } throws: { error in
                guard case .missingTensor(_, name, _)? = error as? ModelFileError else { return false }
                return true
            }
        }
    }

    @Test func everyShapeIsChecked() throws {
        for index in TinyLlama().builder.tensors.indices {
            let tensor = TinyLlama().builder.tensors[index]
            let wrong = tensor.shape.count == 1 ? [2, tensor.shape[0] / 2] : [tensor.shape[0] / 2, tensor.shape[1] * 2]
            #expect { try load { $0.builder.tensors[index].shape = wrong } } throws: { error in
                guard case .wrongShape(_, tensor.name, wrong, _)? = error as? ModelFileError else { return false }
                return true
            }
        }
    }

    @Test(arguments: [
        ("llama.block_count", 0), ("llama.block_count", 3), ("llama.block_count", UInt32.max),
        ("llama.embedding_length", 0), ("llama.embedding_length", 1 << 30), ("llama.feed_forward_length", 31),
        ("llama.attention.head_count", 0), ("llama.attention.head_count", 3), ("llama.attention.head_count", 16),
        ("llama.attention.head_count_kv", 3), ("llama.attention.head_count_kv", 0),
        ("llama.attention.key_length", 3), ("llama.attention.key_length", 8), ("llama.attention.value_length", 8),
        ("llama.rope.dimension_count", 2), ("llama.context_length", 0), ("llama.expert_count", 8),
    ] as [(String, UInt32)])
    func sizesThatCannotBe(key: String, value: UInt32) {
        #expect(throws: ModelFileError.self) {
            try load { model in
                model.builder.metadata.removeAll { $0.key == key }
                model.builder.add(key, .uint32(value))
            }
        }
    }

    @Test(arguments: ["llama.rope.freq_base", "llama.attention.layer_norm_rms_epsilon"], [
        Float.nan, -.infinity, -1, .infinity,
    ])
    func numbersThatAreNone(key: String, value: Float) {
        #expect(throws: ModelFileError.self) {
            try load { model in
                model.builder.metadata.removeAll { $0.key == key }
                model.builder.add(key, .float32(value))
            }
        }
    }

    @Test func missingMetadataIsNamed() {
        for key in ["block_count", "context_length", "embedding_length", "feed_forward_length", "attention.head_count"] {
            #expect { try load { $0.builder.metadata.removeAll { $0.key == "llama.\(key)" } } } throws: { error in
                guard case .missingMetadata(_, "llama.\(key)", _)? = error as? ModelFileError else { return false }
                return true
            }
        }
    }

    @Test func otherArchitecturesAreNamed() {
        #expect { try TinyLlama(architecture: "mamba").load() } throws: { error in
            guard case .unsupportedArchitecture(_, "mamba", let supported)? = error as? ModelFileError else {
                return false
            }
            return supported == ModelArchitecture.decoders.map(\.rawValue) && supported.contains("llama")
        }
        #expect(throws: ModelFileError.self) { try TinyLlama(architecture: "bert").load() }
        #expect(throws: ModelFileError.self) { try load { $0.builder.metadata.removeFirst() } }
    }

    @Test func scalingThatIsNotKnown() {
        #expect(throws: ModelFileError.self) { try load { $0.builder.add("llama.rope.scaling.type", .string("yarn")) } }
        #expect(throws: ModelFileError.self) { try load { $0.builder.add("llama.rope.scaling.factor", .float32(0)) } }
    }

    @Test func weightsThatAreNotNumbers() throws {
        let model = try load { tiny in
            let index = tiny.index(of: "blk.1.ffn_down.weight")
            tiny.builder.tensors[index].data.replaceSubrange(0..<4, with: littleEndian(Float.nan.bitPattern))
        }
        let session = GenerationSession(model)
        let logits = try session.append([1, 2, 3])
        #expect(throws: GenerationError.self) { try Sampler.mostLikely(logits) }
    }

    @Test func twoThousandMutations() throws {
        let original = TinyLlama().builder.build()
        let temporary = try TemporaryFile()
        var random = TestRandom(seed: 22)
        var ran = 0
        for _ in 0..<2_000 {
            try temporary.write(mutated(original, using: &random))
            guard let file = try? GGUFFile(path: temporary.path),
                let model = try? ModelArchitecture.loadDecoder(file, precision: .exact)
            else { continue }
            let session = GenerationSession(model)
            guard let logits = try? session.append([0, 5, 23]) else { continue }
            _ = try? Sampler.mostLikely(logits)
            ran += 1
        }
        #expect(ran > 50)
    }
}
