internal import Foundation

/// Files of one JSON object a line, compressed by gzip or not.
enum JSONLines {
    /// - Parameters:
    ///   - fields: what an object must have, for the message about one that has not.
    ///   - name: what the lines are, for the message about a file without any.
    /// - Throws: `EvaluationError` naming the line that cannot be read.
    static func read<Value: Decodable>(
        _ type: Value.Type, from url: URL, fields: String, called name: String
    ) throws -> [Value] {
        let decoder = JSONDecoder()
        var values: [Value] = []
        let lines = try content(of: url).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where !line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) {
            do {
                values.append(try decoder.decode(type, from: line))
            } catch {
                throw EvaluationError(path: url.path, problem: "line \(index + 1) is no JSON object with \(fields)")
            }
        }
        guard !values.isEmpty else { throw EvaluationError(path: url.path, problem: "holds no \(name)") }
        return values
    }

    /// Writes one object a line, with names in snake case like all JSON of the tool.
    /// - Throws: `EvaluationError` for a file that cannot be written.
    static func write(_ values: [some Encodable], to url: URL) throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var lines = Data()
        for value in values { lines += try encoder.encode(value) + [UInt8(ascii: "\n")] }
        do { try lines.write(to: url) } catch { throw EvaluationError(path: url.path, problem: "cannot be written") }
    }

    /// The bytes of a file, unpacked when its name ends in `.gz`.
    static func content(of url: URL) throws -> Data {
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw EvaluationError(path: url.path, problem: "there is no such file")
        }
        guard url.pathExtension == "gz" else {
            do { return try Data(contentsOf: url) } catch {
                throw EvaluationError(path: url.path, problem: "cannot be read")
            }
        }
        // A system tool, which every machine has, for the one place that meets such files.
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", url.path]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { throw EvaluationError(path: url.path, problem: "gzip cannot be started") }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw EvaluationError(path: url.path, problem: "gzip cannot read it") }
        return data
    }
}
