import Foundation

/// One run over files and folders: walk, read, embed, commit.
///
/// Reading runs ahead of embedding and committing runs behind it, each as child tasks, so that the embedding
/// never waits for the disk. What is held in memory is bounded by `EmbeddingBatch` and `readAhead`, not by the
/// number of files: of each file only its path and state are kept.
struct IndexingJob: Sendable {
    /// Files read ahead, and bytes of them.
    static let readAhead = 48
    static let readAheadBytes: Int64 = 16 << 20

    let store: KnowledgeStore
    let provider: EmbeddingProvider
    let options: IndexingOptions
    let roots: [URL]
    let emit: @Sendable (IndexingEvent) -> Void

    func run() async throws -> IndexingReport {
        let start = ContinuousClock.now
        let plan = try await IndexingPlan.make(store: store, provider: provider, options: options, roots: roots)
        var tally = IndexingTally(plan: plan, start: start, emit: emit)
        for file in plan.walk.notTaken { tally.settle(file, bytes: 0) }
        let commits = IndexingCommits(store: store, generation: plan.generation, collection: options.collection)
        let (moved, stale) = try await index(plan, commits: commits, tally: &tally)
        try await commits.settle(plan: plan, tally: &tally, moved: moved, stale: stale, dryRun: options.dryRun)
        return tally.finish()
    }

    private enum Step: Sendable {
        case read(SourceFile, FileOutcome)
        case committed([FileReport], bytes: Int64)
    }

    /// Reads, embeds and commits what has changed.
    /// - Returns: ids of documents taken over from files that are gone, and remembered members that are no longer there.
    private func index(
        _ plan: IndexingPlan, commits: IndexingCommits, tally: inout IndexingTally
    ) async throws -> (moved: Set<Int64>, stale: [FileRecord]) {
        let reading = plan.reading(store: store, provider: provider, options: options)
        var claimed: Set<Int64> = [], stale: [FileRecord] = []
        let membersOf = Dictionary(grouping: plan.known.values) { StoredPath.container(of: $0.path) ?? "" }
        try await withThrowingTaskGroup(of: Step.self) { group in
            var next = 0, reads = 0, readBytes: Int64 = 0, commitRunning = false
            var batch = EmbeddingBatch()
            func fill() {
                while next < plan.walk.files.count, reads < Self.readAhead,
                    reads == 0 || readBytes < Self.readAheadBytes
                {
                    let file = plan.walk.files[next]
                    let known = plan.known[file.path]
                    group.addTask { .read(file, try await reading.read(file, known: known, mayMove: true)) }
                    next += 1
                    reads += 1
                    readBytes += file.stamp.size
                }
            }
            /// Embeds the batch and hands it to be committed, once the one before is.
            func flush() async throws {
                guard !batch.isEmpty else { return }
                let full = batch
                batch = EmbeddingBatch()
                let began = ContinuousClock.now
                let vectors = try await embed(full, plan: plan)
                tally.embedded(in: ContinuousClock.now - began)
                while commitRunning, let step = try await group.next() { try await take(step) }
                commitRunning = true
                group.addTask { try await .committed(commits.commit(full, vectors: vectors), bytes: full.fileBytes) }
            }
            func take(_ step: Step) async throws {
                switch step {
                case .committed(let reports, let bytes):
                    commitRunning = false
                    tally.settle(reports, bytes: bytes)
                case .read(let file, let outcome):
                    reads -= 1
                    readBytes -= file.stamp.size
                    fill()
                    try await sort(file, outcome)
                }
            }
            func sort(_ file: SourceFile, _ outcome: FileOutcome) async throws {
                var outcome = outcome
                if case .moved(let id, let from, _, _) = outcome, from != file.path, !claimed.insert(id).inserted {
                    outcome = try await reading.read(file, known: plan.known[file.path], mayMove: false)
                }
                try await settle(file, outcome, bytes: file.stamp.size)
                guard let remembered = membersOf[file.path] else { return }
                switch outcome {
                case .unchanged, .moved:
                    for member in remembered {
                        tally.settle(try await commits.note(SourceFile(found: file.found, path: member.path), .unchanged(member, stamp: file.stamp), known: member, dryRun: true), bytes: 0)
                    }
                case .failed(_, keepsDocument: true, _): break
                case .container(_, let members):
                    let paths = Set(members.map(\.file.path))
                    stale += remembered.filter { !paths.contains($0.path) }
                default: stale += remembered
                }
            }
            /// Puts documents into the batch and notes the rest.
            func settle(_ file: SourceFile, _ outcome: FileOutcome, bytes: Int64) async throws {
                if case .container(let own, let members) = outcome {
                    try await settle(file, own, bytes: bytes)
                    for member in members {
                        try await settle(member.file, member.outcome, bytes: 0)
                        if batch.isFull { try await flush() }
                    }
                } else if case .document(let draft, let known) = outcome, !options.dryRun {
                    batch.append(draft, known: known, fileBytes: bytes)
                } else {
                    tally.settle(try await commits.note(file, outcome, known: plan.known[file.path], dryRun: options.dryRun), bytes: bytes)
                }
            }
            fill()
            while let step = try await group.next() {
                try await take(step)
                if batch.isFull || (reads == 0 && next == plan.walk.files.count) { try await flush() }
            }
        }
        return (claimed, stale)
    }

    private func embed(_ batch: EmbeddingBatch, plan: IndexingPlan) async throws -> [[Float]] {
        let provider = provider, generation = plan.generation
        return try await batch.embed(
            with: { try await provider.model(of: generation) }, dimension: generation.dimension)
    }
}
