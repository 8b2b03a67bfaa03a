import ArgumentParser
import Foundation

/// Text given as arguments, or on standard input where `-` stands for it.
enum TextInput {
    /// The words joined by spaces; standard input when they are a single `-`, or when there are none and
    /// input is not a terminal.
    static func read(_ words: [String], called name: String) throws -> String {
        let text: String
        if words == ["-"] || (words.isEmpty && !Terminal.inputIsInteractive) {
            text = try standardInput()
        } else {
            text = words.joined(separator: " ")
        }
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !trimmed.isEmpty else {
            throw ValidationError("No \(name) was given. Write it after the command, or use '-' to read standard input.")
        }
        return trimmed
    }

    /// The text of a file, invalid UTF-8 replaced.
    static func file(_ path: String) throws -> String {
        do {
            return String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
        } catch {
            throw CommandFailure("cannot read \(path): \(error.localizedDescription)")
        }
    }

    /// All of standard input, invalid UTF-8 replaced.
    static func standardInput() throws -> String {
        do {
            return String(decoding: try FileHandle.standardInput.readToEnd() ?? Data(), as: UTF8.self)
        } catch {
            throw CommandFailure("cannot read standard input: \(error.localizedDescription)")
        }
    }
}
