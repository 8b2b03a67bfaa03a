import Tokenizers

/// What `config.json` of a published model says. Configurations name the same things differently; each question lists
/// the names.
struct HuggingFaceConfiguration {
    let path: String
    private let root: JSONValue

    /// Throws `ModelFileError` when there is no such file or it is no JSON.
    init(folder: String) throws {
        path = folder + "/config.json"
        let bytes = try FileBytes.contents(path: path)
        do {
            root = try JSONReader.parse(bytes)
        } catch {
            throw ModelFileError.malformed(file: path, offset: 0, reason: "\(error)")
        }
    }

    /// The first of these members that is there and is not null.
    func value(_ keys: String...) -> JSONValue? { value(keys) }

    private func value(_ keys: [String]) -> JSONValue? {
        for key in keys {
            guard let value = root[key] else { continue }
            if case .null = value { continue }
            return value
        }
        return nil
    }

    func optionalInt(_ keys: String..., in range: ClosedRange<Int>) throws(ModelFileError) -> Int? {
        guard let value = value(keys) else { return nil }
        guard let int = value.integer, range.contains(int) else {
            throw invalid(keys[0], value, "an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return int
    }

    func int(_ keys: String..., in range: ClosedRange<Int>) throws(ModelFileError) -> Int {
        guard let value = value(keys) else {
            throw .missingMetadata(
                file: path, key: keys[0], expected: "an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        guard let int = value.integer, range.contains(int) else {
            throw invalid(keys[0], value, "an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return int
    }

    func number(_ keys: String...) throws(ModelFileError) -> Float? {
        guard let value = value(keys) else { return nil }
        guard let number = value.double, number.isFinite else { throw invalid(keys[0], value, "a number") }
        return Float(number)
    }

    func flag(_ key: String) -> Bool? { root[key]?.bool }

    func string(_ keys: String...) -> String? { value(keys)?.string }

    /// `model_type`, which chooses the family.
    func modelType() throws(ModelFileError) -> String {
        guard let type = string("model_type") else {
            throw .missingMetadata(file: path, key: "model_type", expected: "a string")
        }
        return type
    }

    /// Names of the classes that the model was saved from.
    var classes: [String] { root["architectures"]?.array?.compactMap(\.string) ?? [] }

    /// What concerns rotary embedding, also where older files spread it: `rope_parameters`, or `rope_scaling` and
    /// `rope_theta`.
    ///
    /// - Parameter layers: `full_attention` or `sliding_attention`, for models that turn heads in two ways.
    func rotary(layers: String? = nil) -> RotaryParameters {
        let parameters = root["rope_parameters"]
        let own = parameters?[layers ?? "full_attention"] ?? parameters ?? root["rope_scaling"]
        return RotaryParameters(
            theta: own?["rope_theta"]?.double ?? root["rope_theta"]?.double,
            type: own?["rope_type"]?.string ?? own?["type"]?.string ?? "default", values: own)
    }

    struct RotaryParameters {
        let theta: Double?
        let type: String
        let values: JSONValue?

        func number(_ key: String) -> Float? { values?[key]?.double.map { Float($0) } }
        func numbers(_ key: String) -> [Float]? { values?[key]?.array?.compactMap(\.double).map { Float($0) } }
    }

    func invalid(_ key: String, _ value: JSONValue, _ expected: String) -> ModelFileError {
        let found =
            switch value {
            case .string(let text): text.debugDescription
            case .integer(let number): "\(number)"
            case .number(let number): "\(number)"
            case .bool(let flag): "\(flag)"
            case .null: "null"
            case .array: "a list"
            case .object: "an object"
            }
        return .invalidMetadata(file: path, key: key, found: found, expected: expected)
    }
}

extension JSONValue {
    /// The number, whole ones included.
    var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}
