#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The system's own words for an `errno` value.
func errorMessage(_ code: Int32) -> String {
    guard let message = strerror(code) else { return "error \(code)" }
    return String(cString: message)
}

extension IngestionError {
    /// The case that fits `errno` after `operation` failed.
    static func fromErrno(_ operation: String, _ code: Int32) -> IngestionError {
        switch code {
        case ENOENT, ENOTDIR, ESTALE: .vanished
        case EACCES, EPERM: .permissionDenied
        default: .system(operation: operation, code: code)
        }
    }
}
