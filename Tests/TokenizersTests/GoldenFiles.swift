import Foundation
import Testing
import Tokenizers

/// Golden data made by the scripts in `Fixtures/`.
enum Golden {
    static func url(_ name: String) -> URL {
        if name.hasPrefix("/") { return URL(fileURLWithPath: name) }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures/\(name)")
    }

    static func lines(_ name: String) throws -> [String] {
        var lines = try Data(contentsOf: url(name)).split(separator: 0x0A, omittingEmptySubsequences: false)
        lines.removeLast()
        return lines.map { String(decoding: $0, as: UTF8.self) }
    }

    /// The strings of `strings.jsonl`; byte sequences that are not UTF-8 are repaired.
    static let strings: [String] = (try? lines("strings.jsonl").map(string)) ?? []

    private static func string(_ line: String) throws -> String {
        let value = try JSONSerialization.jsonObject(with: Data(line.utf8), options: .fragmentsAllowed)
        if let text = value as? String { return text }
        let fields = try #require(value as? [String: Any])
        if let hex = fields["hex"] as? String { return String(decoding: bytes(hex), as: UTF8.self) }
        return String(repeating: try #require(fields["repeat"] as? String), count: try #require(fields["count"] as? Int))
    }

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex)
        return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) }
    }

    /// `#count:hash` as the script writes it.
    static func digest(_ numbers: [Int]) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for number in numbers { hash = (hash ^ UInt64(number)) &* 0x100_0000_01B3 }
        let hex = String(hash, radix: 16)
        return "#\(numbers.count):" + String(repeating: "0", count: 16 - hex.count) + hex
    }

    /// Compares one row of numbers a string with a golden file and reports the first few differences.
    static func compare(_ name: String, sourceLocation: SourceLocation = #_sourceLocation, _ row: (String) -> [Int]) throws {
        let expected = try lines(name)
        try #require(expected.count == strings.count, sourceLocation: sourceLocation)
        var differences: [String] = []
        for (text, line) in zip(strings, expected) where line != "-" {
            let numbers = row(text)
            let plain = numbers.map(String.init).joined(separator: " ")
            if (line.hasPrefix("#") ? digest(numbers) : plain) == line { continue }
            differences.append("\(text.prefix(60).debugDescription): \(plain.prefix(200)) is not \(line)")
        }
        #expect(differences.isEmpty,
            "\(differences.count) of \(strings.count) strings differ\n\(differences.prefix(8).joined(separator: "\n"))",
            sourceLocation: sourceLocation)
    }
}

/// Where the downloaded models lie.
enum ModelFolder {
    static let url: URL = {
        let environment = ProcessInfo.processInfo.environment
        if let path = environment["FOOTNOTE_MODELS"], !path.isEmpty { return URL(fileURLWithPath: path) }
        if let path = environment["XDG_DATA_HOME"], !path.isEmpty { return URL(fileURLWithPath: path + "/footnote/models") }
        return FileManager.default.homeDirectoryForCurrentUser.appendingPathComponent(".local/share/footnote/models")
    }()

    static let miniLM = url.appendingPathComponent("all-MiniLM-L6-v2")
    static let hasMiniLM = FileManager.default.fileExists(atPath: miniLM.appendingPathComponent("vocab.txt").path)
}
