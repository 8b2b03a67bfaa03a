/// The sizes and constants of a Llama-family decoder, from a GGUF file's metadata.
package struct LlamaConfiguration: Sendable, Equatable {
    package var layers: Int
    /// Elements of a token's hidden state.
    package var width: Int
    package var feedForwardWidth: Int
    package var queryHeads: Int
    package var keyValueHeads: Int
    package var headDimension: Int
    package var contextLength: Int
    package var normEpsilon: Float
    /// θ of the rotary embedding.
    package var ropeBase: Float
    /// Multiplies positions (linear scaling of the context).
    package var ropePositionScale: Float

    /// Reads and checks the keys that begin with the architecture's name. Throws `ModelFileError`.
    init(_ file: GGUFFile) throws(ModelFileError) {
        let prefix = try file.architecture()
        func required(_ key: String, in range: ClosedRange<Int>) throws(ModelFileError) -> Int {
            try file.requiredInt("\(prefix).\(key)", in: range)
        }
        layers = try required("block_count", in: 1...1024)
        width = try required("embedding_length", in: 1...1 << 17)
        feedForwardWidth = try required("feed_forward_length", in: 1...1 << 20)
        queryHeads = try required("attention.head_count", in: 1...1024)
        keyValueHeads = try file.optionalInt("\(prefix).attention.head_count_kv", in: 1...1024) ?? queryHeads
        contextLength = try required("context_length", in: 1...1 << 24)
        headDimension =
            try file.optionalInt("\(prefix).attention.key_length", in: 2...1024) ?? max(1, width / queryHeads)
        ropeBase = Float(try file.optionalNumber("\(prefix).rope.freq_base", in: 1...1e12) ?? 10_000)
        normEpsilon = Float(
            try file.optionalNumber("\(prefix).attention.layer_norm_rms_epsilon", in: 0...1) ?? 1e-5)
        ropePositionScale = try Self.positionScale(file, prefix: prefix)
        try checkSizes(file, prefix: prefix)
        try Self.refuseUnsupported(file, prefix: prefix)
    }

    private func checkSizes(_ file: GGUFFile, prefix: String) throws(ModelFileError) {
        if !queryHeads.isMultiple(of: keyValueHeads) {
            throw .invalidMetadata(
                file: file.path, key: "\(prefix).attention.head_count_kv", found: "\(keyValueHeads)",
                expected: "a divisor of the \(queryHeads) query heads")
        }
        // The rotary embedding turns pairs, and all of a head's.
        guard headDimension.isMultiple(of: 2) else {
            throw .invalidMetadata(
                file: file.path, key: "\(prefix).attention.key_length", found: "\(headDimension)",
                expected: "an even number")
        }
        for key in ["attention.value_length", "rope.dimension_count"] {
            guard try file.optionalInt("\(prefix).\(key)", in: 1...1024) ?? headDimension != headDimension else { continue }
            throw .invalidMetadata(
                file: file.path, key: "\(prefix).\(key)", found: file.metadata["\(prefix).\(key)"]?.description ?? "",
                expected: "the \(headDimension) elements of a head")
        }
    }

    /// Linear scaling divides positions by a factor (Chen et al. 2023, arXiv:2306.15595). Llama 3's scaling comes as
    /// a tensor of factors instead and needs no key.
    private static func positionScale(_ file: GGUFFile, prefix: String) throws(ModelFileError) -> Float {
        let key = "\(prefix).rope.scaling"
        let type = file.metadata["\(key).type"]?.string ?? "linear"
        let olderFactor = try file.optionalNumber("\(prefix).rope.scale_linear", in: 1e-6...1e6) ?? 1
        let factor = try file.optionalNumber("\(key).factor", in: 1e-6...1e6) ?? olderFactor
        switch type {
        case "linear": return Float(1 / factor)
        case "none", "llama3": return 1
        default: throw .unsupportedFeature(file: file.path, feature: "rotary scaling of type \(type.debugDescription)")
        }
    }

    private static func refuseUnsupported(_ file: GGUFFile, prefix: String) throws(ModelFileError) {
        if try file.optionalInt("\(prefix).expert_count", in: 0...100_000) ?? 0 > 0 {
            throw .unsupportedFeature(file: file.path, feature: "a mixture of experts")
        }
    }
}
