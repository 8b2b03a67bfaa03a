/// Why a model file cannot be used: which file, where in it, what was needed, and what to do.
package enum ModelFileError: Error, Equatable, Sendable {
    /// The file cannot be opened or mapped.
    case unreadable(file: String, reason: String)
    /// The file cannot be made.
    case unwritable(file: String, reason: String)
    /// The first bytes are not those of the format.
    case wrongFormat(file: String, expected: String, found: String)
    /// A version of the format that is not supported.
    case unsupportedVersion(file: String, format: String, version: String, supported: String)
    /// Something that starts at `offset` needs `needed` bytes and only `available` are left.
    case truncated(file: String, offset: Int, needed: UInt64, available: Int)
    /// The bytes at `offset` break a rule of the format.
    case malformed(file: String, offset: Int, reason: String)
    case missingMetadata(file: String, key: String, expected: String)
    case invalidMetadata(file: String, key: String, found: String, expected: String)
    case unsupportedTensorType(file: String, tensor: String, type: String, supported: [String])
    case missingTensor(file: String, tensor: String, shape: [Int])
    /// Shapes are row-major, outermost dimension first.
    case wrongShape(file: String, tensor: String, found: [Int], expected: [Int])
    /// A tensor that the model which the file belongs to has no place for.
    case unexpectedTensor(file: String, tensor: String)
    /// A tensor holds infinities or what is not a number.
    case notFinite(file: String, tensor: String)
    case unsupportedArchitecture(file: String, name: String, supported: [String])
    /// The model asks for something that its architecture's implementation does not do.
    case unsupportedFeature(file: String, feature: String)
}

extension ModelFileError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let file, let reason):
            "\(file): cannot be read (\(reason))"
        case .unwritable(let file, let reason):
            "\(file): cannot be written (\(reason))"
        case .wrongFormat(let file, let expected, let found):
            "\(file): not a \(expected) file (it starts with \(found)); check that the download finished and the name is right"
        case .unsupportedVersion(let file, let format, let version, let supported):
            "\(file): \(format) version \(version) is not supported (supported: \(supported)); convert the model with a current tool"
        case .truncated(let file, let offset, let needed, let available):
            "\(file): ends too early: at byte \(offset) \(needed) bytes are needed and \(available) are left; fetch the file again"
        case .malformed(let file, let offset, let reason):
            "\(file): damaged at byte \(offset): \(reason); fetch the file again"
        case .missingMetadata(let file, let key, let expected):
            "\(file): metadata '\(key)' is missing (expected \(expected)); convert the model again with a current tool"
        case .invalidMetadata(let file, let key, let found, let expected):
            "\(file): metadata '\(key)' is \(found), expected \(expected); convert the model again with a current tool"
        case .unsupportedTensorType(let file, let tensor, let type, let supported):
            "\(file): tensor '\(tensor)' is stored as \(type), which is not supported; use a file in \(supported.joined(separator: ", "))"
        case .missingTensor(let file, let tensor, let shape):
            "\(file): tensor '\(tensor)' \(shape) is missing; the file is incomplete or of another architecture"
        case .wrongShape(let file, let tensor, let found, let expected):
            "\(file): tensor '\(tensor)' has shape \(found), expected \(expected); the file is damaged or of another architecture"
        case .unexpectedTensor(let file, let tensor):
            "\(file): tensor '\(tensor)' has no place in the model; the file was made for another one"
        case .notFinite(let file, let tensor):
            "\(file): tensor '\(tensor)' holds values that are not finite numbers; the file is damaged: fetch it again"
        case .unsupportedArchitecture(let file, let name, let supported):
            "\(file): architecture '\(name)' is not supported; supported: \(supported.joined(separator: ", "))"
        case .unsupportedFeature(let file, let feature):
            "\(file): \(feature) is not supported; use another model"
        }
    }
}
