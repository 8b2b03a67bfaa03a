import Foundation

/// Reads, embeds and commits what a run has to.
///
/// Reading runs ahead of embedding and committing runs behind it, each as child tasks, so that the embedding never waits
/// for the disk. What is held in memory is bounded by `EmbeddingBatch` and `readAhead`, not by the number of files: of each
/// file only its path and state are kept.
struct IndexingLoop {
    /// Files read ahead, and bytes of them.
    static let readAhead = 48
    static let readAheadBytes: Int64 = 16 << 20

    /// What a child task has done.
    enum Step: Sendable {
        case read(SourceFile, FileOutcome)
        case committed([FileReport], bytes: Int64)
    }

    typealias Steps = ThrowingTaskGroup<Step, any Error>

    private(set) var tally: IndexingTally
    /// Ids of documents taken over from files that are gone.
    private(set) var claimed: Set<Int64> = []
    /// Remembered members that their container, read anew, no longer has.
    private(set) var stale: [FileRecord] = []

    private let plan: IndexingPlan
    private let reading: FileReading
    private let commits: IndexingCommits
    private let provider: EmbeddingProvider
    private let dryRun: Bool
    private let membersOf: [String: [FileRecord]]
    private var next = 0
    private var reads = 0
    private var readBytes: Int64 = 0
    private var batch = EmbeddingBatch()
    private var commitRunning = false

    init(job: IndexingJob, plan: IndexingPlan, commits: IndexingCommits, tally: IndexingTally) {
        self.plan = plan
        self.commits = commits
        self.tally = tally
        provider = job.provider
        dryRun = job.options.dryRun
        reading = plan.reading(store: job.store, provider: job.provider, options: job.options)
        membersOf = Dictionary(grouping: plan.known.values) { StoredPath.container(of: $0.path) ?? "" }
    }

    mutating func run(in group: inout Steps) async throws {
        fill(&group)
        while let step = try await group.next() {
            try await take(step, &group)
            if batch.isFull || (reads == 0 && next == plan.walk.files.count) { try await flush(&group) }
        }
    }

    /// Starts reading as many files as may be held.
    private mutating func fill(_ group: inout Steps) {
        while next < plan.walk.files.count, reads < Self.readAhead, reads == 0 || readBytes < Self.readAheadBytes {
            let file = plan.walk.files[next], known = plan.known[file.path], reading = reading
            group.addTask { .read(file, try await reading.read(file, known: known, mayMove: true)) }
            next += 1
            reads += 1
            readBytes += file.stamp.size
        }
    }

    /// Embeds the batch and hands it to be committed, once the one before is.
    private mutating func flush(_ group: inout Steps) async throws {
        guard !batch.isEmpty else { return }
        let full = batch
        batch = EmbeddingBatch()
        let began = ContinuousClock.now
        let vectors = try await embed(full)
        tally.embedded(in: ContinuousClock.now - began)
        while commitRunning, let step = try await group.next() { try await take(step, &group) }
        commitRunning = true
        let commits = commits
        group.addTask { try await .committed(commits.commit(full, vectors: vectors), bytes: full.fileBytes) }
    }

    private func embed(_ batch: EmbeddingBatch) async throws -> [[Float]] {
        let provider = provider, generation = plan.generation
        return try await batch.embed(
            with: { try await provider.model(of: generation) }, dimension: generation.dimension)
    }

    private mutating func take(_ step: Step, _ group: inout Steps) async throws {
        switch step {
        case .committed(let reports, let bytes):
            commitRunning = false
            tally.settle(reports, bytes: bytes)
        case .read(let file, let outcome):
            reads -= 1
            readBytes -= file.stamp.size
            fill(&group)
            try await sort(file, outcome, &group)
        }
    }

    private mutating func sort(_ file: SourceFile, _ outcome: FileOutcome, _ group: inout Steps) async throws {
        var outcome = outcome
        if case .moved(let id, let from, _, _) = outcome, from != file.path, !claimed.insert(id).inserted {
            outcome = try await reading.read(file, known: plan.known[file.path], mayMove: false)
        }
        try await settle(file, outcome, bytes: file.stamp.size, &group)
        if let remembered = membersOf[file.path] { try await settle(remembered, within: file, outcome) }
    }

    /// What was remembered of the files within a file.
    private mutating func settle(
        _ remembered: [FileRecord], within file: SourceFile, _ outcome: FileOutcome
    ) async throws {
        switch outcome {
        case .unchanged, .moved:
            for member in remembered {
                let inner = SourceFile(found: file.found, path: member.path)
                let report = try await commits.note(
                    inner, .unchanged(member, stamp: file.stamp), known: member, dryRun: true)
                tally.settle(report, bytes: 0)
            }
        case .failed(_, keepsDocument: true, _): break
        case .container(_, let members):
            let paths = Set(members.map(\.file.path))
            stale += remembered.filter { !paths.contains($0.path) }
        default: stale += remembered
        }
    }

    /// Puts documents into the batch and notes the rest.
    private mutating func settle(
        _ file: SourceFile, _ outcome: FileOutcome, bytes: Int64, _ group: inout Steps
    ) async throws {
        if case .container(let own, let members) = outcome {
            try await settle(file, own, bytes: bytes, &group)
            for member in members {
                try await settle(member.file, member.outcome, bytes: 0, &group)
                if batch.isFull { try await flush(&group) }
            }
        } else if case .document(let draft, let known) = outcome, !dryRun {
            batch.append(draft, known: known, fileBytes: bytes)
        } else {
            let report = try await commits.note(file, outcome, known: plan.known[file.path], dryRun: dryRun)
            tally.settle(report, bytes: bytes)
        }
    }
}
