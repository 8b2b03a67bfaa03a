import Foundation

/// One run over files and folders: walk, read, embed, commit.
struct IndexingJob: Sendable {
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
        var loop = IndexingLoop(job: self, plan: plan, commits: commits, tally: tally)
        try await withThrowingTaskGroup(of: IndexingLoop.Step.self) { group in try await loop.run(in: &group) }
        tally = loop.tally
        try await commits.settle(
            plan: plan, tally: &tally, moved: loop.claimed, stale: loop.stale, dryRun: options.dryRun)
        return tally.finish()
    }
}
