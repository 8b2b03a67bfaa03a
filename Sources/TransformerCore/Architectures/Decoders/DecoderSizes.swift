/// The sizes and constants that decoders share, from a GGUF file's metadata.
package struct DecoderSizes: Sendable, Equatable {
    package var layers: Int
    /// Elements of a token's hidden state.
    package var width: Int
    package var feedForwardWidth: Int
    package var queryHeads: Int
    package var keyValueHeads: Int
    /// Elements of a query or key head.
    package var headDimension: Int
    package var contextLength: Int
    package var normEpsilon: Float
    /// Heads and elements of each that are kept of a position, for keys as for values.
    package var cacheHeads: Int
    package var cacheDimension: Int
    /// Whether keys are their own values.
    package var keysOnly = false

    /// Reads and checks the keys that begin with the architecture's name. Throws `ModelFileError`.
    ///
    /// - Parameter normKey: `layer_norm_rms_epsilon` or `layer_norm_epsilon`.
    init(_ file: GGUFFile, normKey: String = "layer_norm_rms_epsilon") throws(ModelFileError) {
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
        normEpsilon = Float(try file.optionalNumber("\(prefix).attention.\(normKey)", in: 0...1) ?? 1e-5)
        cacheHeads = keyValueHeads
        cacheDimension = headDimension
        guard queryHeads.isMultiple(of: keyValueHeads) else {
            throw .invalidMetadata(
                file: file.path, key: "\(prefix).attention.head_count_kv", found: "\(keyValueHeads)",
                expected: "a divisor of the \(queryHeads) query heads")
        }
    }

    /// Throws unless values are as wide as keys, and the rotary embedding turns pairs: for architectures whose heads
    /// are of one kind.
    func requireUniformHeads(_ file: GGUFFile, turned: ClosedRange<Int>? = nil) throws(ModelFileError) {
        let prefix = try file.architecture()
        guard headDimension.isMultiple(of: 2) else {
            throw .invalidMetadata(
                file: file.path, key: "\(prefix).attention.key_length", found: "\(headDimension)",
                expected: "an even number")
        }
        for (key, range) in [
            ("attention.value_length", headDimension...headDimension),
            ("rope.dimension_count", turned ?? headDimension...headDimension),
        ] {
            guard let value = try file.optionalInt("\(prefix).\(key)", in: 1...1024) else { continue }
            guard !range.contains(value) || !value.isMultiple(of: 2) else { continue }
            throw .invalidMetadata(
                file: file.path, key: "\(prefix).\(key)", found: "\(value)",
                expected: "the \(headDimension) elements of a head")
        }
    }
}
