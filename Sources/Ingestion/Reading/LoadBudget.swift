/// How much one file may cost.
package struct LoadLimits: Sendable, Hashable {
    /// Seconds from the beginning of a file to its end, members and attachments included; text recognition has its own.
    package var seconds: Double = 30
    /// Bytes that everything packed in a file may have once it is unpacked.
    package var expandedBytes = 256 << 20
    /// Bytes of text that may come out.
    package var textBytes = 64 << 20
    /// Members of archives and attachments of messages, all levels together.
    package var members = 10_000
    /// Archives within archives, attachments within messages.
    package var nesting = 4
    /// Address space of a process that reads a file for us, in bytes.
    package var processMemory = 1 << 30
    /// Seconds for recognising the text of all images of one file.
    package var recognitionSeconds: Double = 120

    package init() {}
}

/// What is left of a file's limits. One load holds it at a time, so that it needs no lock.
package final class LoadBudget: @unchecked Sendable {
    package let limits: LoadLimits
    private var deadline: ContinuousClock.Instant
    private var expanded = 0
    private var members = 0
    private(set) var recognitionLeft: Double

    package init(_ limits: LoadLimits = LoadLimits()) {
        self.limits = limits
        recognitionLeft = limits.recognitionSeconds
        deadline = .now + .seconds(limits.seconds)
    }

    /// Steps since the clock was looked at, and whether the time was up then.
    private var steps = 0
    package private(set) var isOutOfTime = false

    /// Counts a small step of work; looks at the clock once in a thousand.
    /// - Returns: whether there is time left. Once there is none, what was made of the file is of no use.
    @inline(__always) func step() -> Bool {
        steps &+= 1
        if steps & 0x3FF == 0 { isOutOfTime = isOutOfTime || ContinuousClock.now >= deadline }
        return !isOutOfTime
    }

    var secondsLeft: Double {
        let left = (deadline - ContinuousClock.now).components
        return max(0, Double(left.seconds) + Double(left.attoseconds) / 1e18)
    }

    /// Bytes that may still be unpacked.
    var expandableBytes: Int { max(0, limits.expandedBytes - expanded) }

    /// - Throws: `IngestionError.outOfTime`. Cheap enough for every block, not for every byte.
    func checkTime() throws(IngestionError) {
        guard ContinuousClock.now < deadline else { throw .outOfTime(seconds: limits.seconds) }
    }

    func expand(by bytes: Int) throws(IngestionError) {
        expanded += bytes
        guard expanded <= limits.expandedBytes else { throw .expandsTooFar(limit: Int64(limits.expandedBytes)) }
    }

    /// - Returns: whether another member may be read.
    func takeMember() -> Bool {
        members += 1
        return members <= limits.members
    }

    /// Counts time of text recognition, which is not counted as reading.
    func recognized(for seconds: Double) {
        recognitionLeft -= seconds
        deadline += .seconds(seconds)
    }
}
