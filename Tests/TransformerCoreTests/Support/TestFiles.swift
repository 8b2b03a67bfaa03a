import Foundation

/// A file in the temporary folder that goes away with the object.
final class TemporaryFile {
    let path: String

    init(_ bytes: [UInt8] = [], name: String = "model", suffix: String = "") throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("\(name)-\(UUID().uuidString)\(suffix)").path
        try write(bytes)
    }

    func write(_ bytes: [UInt8]) throws {
        // A new file each time: some file systems flush a file that is emptied and filled again to disk.
        try? FileManager.default.removeItem(atPath: path)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// A folder in the temporary folder that goes away with the object.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("folder-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }
}

/// Random numbers that are the same in every run (SplitMix64).
struct TestRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Uniform in -1...1.
    mutating func float() -> Float { Float.random(in: -1...1, using: &self) }
}

/// Downloaded models, for tests that compare with reference implementations.
enum TestModels {
    static let folder: String = {
        let environment = ProcessInfo.processInfo.environment
        if let folder = environment["FOOTNOTE_MODELS"] { return folder }
        let data = environment["XDG_DATA_HOME"] ?? NSHomeDirectory() + "/.local/share"
        return data + "/footnote/models"
    }()

    static let miniLM = folder + "/all-MiniLM-L6-v2"
    static let smolLM2 = folder + "/SmolLM2-135M-Instruct.Q4_1.gguf"

    static var hasMiniLM: Bool { FileManager.default.fileExists(atPath: miniLM + "/model.safetensors") }
    static var hasSmolLM2: Bool { FileManager.default.fileExists(atPath: smolLM2) }
}
