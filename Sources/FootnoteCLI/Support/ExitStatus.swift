import ArgumentParser

/// What the process tells its caller. Documented in docs/commands.md; the numbers never change meaning.
enum ExitStatus: Int32 {
    case success = 0
    case failure = 1
    /// The knowledge base holds nothing that answers the question or matches the query.
    case noEvidence = 3
    /// The index was updated, and some files could not be read.
    case someFilesFailed = 4
    /// The command line was not understood (`EX_USAGE` of sysexits.h).
    case usage = 64
    /// 128 + SIGINT, as a shell reports it.
    case interrupted = 130
    /// 128 + SIGPIPE: the reader of standard output went away.
    case brokenPipe = 141
    /// 128 + SIGTERM.
    case terminated = 143

    /// Thrown to end the process with this status and no further message.
    var quiet: ExitCode { ExitCode(rawValue) }
}
