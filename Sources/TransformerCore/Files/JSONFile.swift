#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Small JSON files that stand beside a model's weights.
enum JSONFile {
    private static let maximumBytes = 4 << 20

    /// Reads and decodes a file. Throws `ModelFileError` when it is missing, too large or does not fit the type.
    static func read<Value: Decodable>(_ type: Value.Type, path: String) throws(ModelFileError) -> Value {
        let file = try MappedFile(path: path)
        guard file.bytes.count <= maximumBytes else {
            throw .unreadable(file: path, reason: "larger than \(maximumBytes) bytes")
        }
        do {
            return try JSONDecoder().decode(type, from: withExtendedLifetime(file) { Data(file.bytes) })
        } catch {
            throw .malformed(file: path, offset: 0, reason: "not JSON with the expected values")
        }
    }

    /// The same, or nil when there is no such file.
    static func readIfPresent<Value: Decodable>(_ type: Value.Type, path: String) throws(ModelFileError) -> Value? {
        FileManager.default.fileExists(atPath: path) ? try read(type, path: path) : nil
    }
}
