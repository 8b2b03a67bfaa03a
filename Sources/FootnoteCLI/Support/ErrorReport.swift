import ArgumentParser
import Footnote
import Foundation

/// Turns whatever was thrown into a message for standard error and an exit status.
enum ErrorReport {
    /// Ends the process. Errors of the library and of this tool are one line without the usage text; errors in
    /// the arguments keep the parser's own message and status 64.
    static func exit(with error: any Error) -> Never {
        switch error {
        case let code as ExitCode:
            Foundation.exit(code.rawValue)
        case is CancellationError:
            Foundation.exit((Interruption.received ?? .interrupted).rawValue)
        case let failure as CommandFailure:
            StandardError.error(failure.description)
            Foundation.exit(failure.status.rawValue)
        case let error where isFromParser(error):
            FootnoteCommand.exit(withError: error)
        default:
            if let status = Interruption.received { Foundation.exit(status.rawValue) }
            StandardError.error(message(for: error))
            Foundation.exit(ExitStatus.failure.rawValue)
        }
    }

    /// One line that reads as a sentence, whatever the error's type.
    static func message(for error: any Error) -> String {
        let text: String
        switch error {
        case let error as any CustomStringConvertible & Error where !(error is CocoaError):
            text = error.description
        default:
            text = error.localizedDescription
        }
        let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
        return lines.joined(separator: " ")
    }

    private static func isFromParser(_ error: any Error) -> Bool {
        error is ValidationError || error is CleanExit || FootnoteCommand.exitCode(for: error) != .failure
    }
}
