/// Why a file could not be turned into a document. The description says what happened and what to do.
package enum IngestionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file is larger than the reading limit. Sizes in bytes.
    case tooLarge(size: Int64, limit: Int64)
    /// Size or modification time changed between opening and closing the file.
    case changedWhileReading
    case vanished
    case permissionDenied
    /// A system call failed; `code` is `errno`.
    case system(operation: String, code: Int32)
    /// The bytes do not have the form the loader needs, and no fallback applies.
    case malformed(format: String, reason: String)
    /// Locked by a password.
    case encrypted(format: String)
    /// A format that is known and not read.
    case unsupported(format: String, advice: String)
    /// A program that reads this format is not installed. `package` is its Debian package.
    case needsProgram(name: String, package: String)
    /// A program that reads this format failed.
    case programFailed(name: String, reason: String)
    case outOfTime(seconds: Double)
    /// What is packed in the file is larger than the limit, in bytes.
    case expandsTooFar(limit: Int64)
    case tooManyMembers(limit: Int)
    case nestedTooDeep(limit: Int)

    /// Whether the same bytes would fail again, so that they need not be read again until they, or the loaders, change.
    package var isLasting: Bool {
        switch self {
        case .malformed, .encrypted, .unsupported, .needsProgram, .programFailed, .outOfTime, .expandsTooFar, .tooManyMembers, .nestedTooDeep: true
        case .tooLarge, .changedWhileReading, .vanished, .permissionDenied, .system: false
        }
    }

    package var description: String {
        switch self {
        case .tooLarge(let size, let limit):
            "the file has \(byteCount(size)), the limit is \(byteCount(limit)); raise it with --max-file-size or split the file"
        case .changedWhileReading:
            "the file changed while it was being read; index it again when it is at rest"
        case .vanished:
            "the file vanished before it could be read"
        case .permissionDenied:
            "permission denied; check the owner and the mode of the file and its folders"
        case .system(let operation, let code):
            "\(operation) failed: \(errorMessage(code))"
        case .malformed(let format, let reason):
            "not readable as \(format): \(reason)"
        case .encrypted(let format):
            "the \(format) is encrypted; save it without a password"
        case .unsupported(let format, let advice):
            "\(format) is not read; \(advice)"
        case .needsProgram(let name, let package):
            "reading it needs \(name), which is not installed; install \(package)"
        case .programFailed(let name, let reason):
            "\(name) could not read it: \(reason)"
        case .outOfTime(let seconds):
            "reading it took longer than \(Int(seconds)) s and was stopped"
        case .expandsTooFar(let limit):
            "what is packed in it is larger than \(byteCount(limit)); unpack it and index the folder"
        case .tooManyMembers(let limit):
            "it holds more than \(limit) files; unpack it and index the folder"
        case .nestedTooDeep(let limit):
            "it is packed more than \(limit) times over; unpack it and index the folder"
        }
    }
}

/// A byte count as people write it: `64 MB`, `1.5 GB`.
func byteCount(_ count: Int64) -> String {
    let units = ["bytes", "kB", "MB", "GB", "TB"]
    var value = Double(count), unit = 0
    while value >= 1000, unit < units.count - 1 {
        value /= 1000
        unit += 1
    }
    let tenths = Int((value * 10).rounded())
    return unit == 0 || tenths % 10 == 0 ? "\(tenths / 10) \(units[unit])" : "\(tenths / 10).\(tenths % 10) \(units[unit])"
}
