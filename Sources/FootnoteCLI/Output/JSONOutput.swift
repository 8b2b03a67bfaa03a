import Foundation

/// Machine-readable results: snake_case keys in alphabetical order, described in docs/json.md.
enum JSONOutput {
    /// Prints a value on one line, so that a sequence of them is NDJSON.
    static func line(_ value: some Encodable) throws {
        StandardOutput.line(try text(value, pretty: false))
    }

    /// Prints the one result of a command: indented for a person, on one line for a program.
    static func document(_ value: some Encodable) throws {
        StandardOutput.line(try text(value, pretty: Terminal.output.isInteractive))
    }

    private static func text(_ value: some Encodable, pretty: Bool) throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
