/// How the tensors and sizes of a published model become those of a GGUF file. Each family's file makes one.
struct ConversionPlan {
    /// What becomes of the tensors of a name.
    struct Rule {
        /// A name, in which `{}` stands for a number: the layer, and for experts the expert after it.
        let source: String
        /// The name in GGUF, with `{}` for the layer.
        let target: String
        let transform: @Sendable (Tensor) throws -> Tensor
    }

    /// `general.architecture`
    let architecture: String
    var rules: [Rule] = []
    /// Beginnings of names that are left out, such as `model.`, where models were saved as part of another.
    var prefixes: [String] = []
    /// Parts of names that hold nothing which is needed.
    var ignored: [String] = ["rotary_emb.inv_freq", "position_ids", "masked_bias", "rotary_emb"]
    var metadata: [(key: String, value: GGUFWriter.Value)] = []
    /// Tensors that are made of the configuration.
    var extra: [Tensor] = []
    /// Experts in a layer, for rules with two numbers.
    var experts = 0

    init(architecture: String) { self.architecture = architecture }

    mutating func map(
        _ source: String, _ target: String, _ transform: @escaping @Sendable (Tensor) throws -> Tensor = { $0 }
    ) {
        rules.append(Rule(source: source, target: target, transform: transform))
    }

    /// Sets a key that begins with the architecture's name.
    mutating func set(_ key: String, _ value: GGUFWriter.Value) {
        metadata.append(("\(architecture).\(key)", value))
    }

    mutating func set(_ key: String, _ value: Int) { set(key, .uint32(UInt32(clamping: value))) }

    mutating func set(_ key: String, _ value: Float?) {
        if let value { set(key, .float32(value)) }
    }
}

extension ConversionPlan.Rule {
    /// The numbers in a name that this rule is for; nil for other names.
    func match(_ name: Substring) -> [Int]? {
        var rest = name
        var numbers: [Int] = []
        var pattern = source[...]
        while let brace = pattern.firstRange(of: "{}") {
            let literal = pattern[..<brace.lowerBound]
            guard rest.hasPrefix(literal) else { return nil }
            rest = rest.dropFirst(literal.count)
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard let number = Int(digits), digits.count < 6 else { return nil }
            numbers.append(number)
            rest = rest.dropFirst(digits.count)
            pattern = pattern[brace.upperBound...]
        }
        return rest == pattern ? numbers : nil
    }
}
