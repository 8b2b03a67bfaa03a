import Foundation

/// Results, and nothing else. Unbuffered, so that what was printed before a signal has reached its reader.
enum StandardOutput {
    /// Writes a result. When the reader has gone away the process ends quietly, as any filter does.
    static func write(_ text: String) {
        var text = text
        let complete = text.withUTF8 { writeAll($0, to: STDOUT_FILENO) }
        guard !complete else { return }
        if errno == EPIPE { exit(ExitStatus.brokenPipe.rawValue) }
        StandardError.error("cannot write to standard output: \(String(cString: strerror(errno)))")
        exit(ExitStatus.failure.rawValue)
    }

    static func line(_ text: String = "") { write(text + "\n") }
}

/// Progress, notices and errors.
enum StandardError {
    /// Failing to write a notice is no reason to stop: there is nobody left to tell.
    static func write(_ text: String) {
        var text = text
        _ = text.withUTF8 { writeAll($0, to: STDERR_FILENO) }
    }

    static func notice(_ text: String) { write(Terminal.error.clean(text) + "\n") }

    static func warning(_ text: String) {
        write(Terminal.error.styled("warning:", .yellow) + " " + Terminal.error.clean(text) + "\n")
    }

    static func error(_ text: String) {
        write(Terminal.error.styled("error:", .red) + " " + Terminal.error.clean(text) + "\n")
    }
}

/// False when the descriptor refused the bytes; `errno` says why.
private func writeAll(_ bytes: UnsafeBufferPointer<UInt8>, to descriptor: Int32) -> Bool {
    var rest = UnsafeRawBufferPointer(bytes)[...]
    while !rest.isEmpty {
        let written = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if written >= 0 {
            rest = rest.dropFirst(written)
        } else if errno == EAGAIN {
            // The descriptor is shared with a process that made it non-blocking.
            var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            poll(&waiting, 1, -1)
        } else if errno != EINTR {
            return false
        }
    }
    return true
}
