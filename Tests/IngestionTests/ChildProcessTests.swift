import Testing

import Ingestion

/// Programs that read untrusted bytes are held to their limits.
@Suite struct ChildProcessTests {
    private func run(_ script: String, seconds: Double = 10, outputLimit: Int = 1000) throws -> ChildProcess.Result {
        try ChildProcess(
            program: "sh", package: "dash", arguments: ["-c", script], seconds: seconds, memory: 1 << 30,
            outputLimit: outputLimit
        ).run()
    }

    @Test func whatItSaysAndHowItEnds() throws {
        let result = try run("echo out; echo bad >&2; exit 3")
        #expect(String(decoding: result.output, as: UTF8.self) == "out\n")
        #expect(result.errors == "bad\n")
        #expect(result.status == 3)
        #expect(result.ending == .exited)
    }

    /// The last closes its output at once and stays.
    @Test(arguments: ["sleep 60", "sleep 60 & wait", "exec >&- 2>&-; sleep 60"])
    func timeRunsOut(_ script: String) throws {
        let clock = ContinuousClock.now
        let result = try run(script, seconds: 0.3)
        #expect(result.ending == .outOfTime)
        #expect(result.status == nil)
        #expect(ContinuousClock.now - clock < .seconds(20))
    }

    @Test func outputIsBounded() throws {
        #expect(try run("yes").ending == .tooMuchOutput)
    }

    @Test func aCrashIsSeen() throws {
        #expect(try run("kill -SEGV $$").ending == .crashed)
    }

    @Test func aMissingProgramIsNamed() {
        #expect(throws: IngestionError.self) {
            try ChildProcess(
                program: "no-such-program", package: "nothing", arguments: [], seconds: 1, memory: 1 << 30, outputLimit: 1
            ).run()
        }
    }
}
