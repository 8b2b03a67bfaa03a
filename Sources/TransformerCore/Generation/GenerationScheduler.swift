internal import Synchronization

/// Writes several texts at once: requests join a batch when there is room and leave it when they are done, and all that
/// write share the reading of the weights (Yu et al. 2022, "Orca", OSDI '22).
///
/// Each step reads a portion of one prompt, or of several that are short, then takes all texts forward by a pass. A pass has
/// no more rows than are computed independently of each other, so each text is what it would be alone.
actor GenerationScheduler {
    private let model: any DecoderModel
    private let pool: ComputePool
    private let limits: GenerationLimits
    private let batch: GenerationBatch
    private var waiting: [GenerationJob] = []
    private var running: [GenerationJob] = []
    private var isWorking = false

    init(model: any DecoderModel, pool: ComputePool, limits: GenerationLimits) {
        self.model = model
        self.pool = pool
        self.limits = limits
        batch = GenerationBatch(model: model, pool: pool)
    }

    /// Writes a text to its end. Throws `GenerationError.busy` at once when too many wait, and `CancellationError`.
    func run(_ job: GenerationJob) async throws -> GeneratorStatistics {
        try Task.checkCancellation()
        guard running.count + waiting.count < limits.concurrent + limits.waiting else {
            throw GenerationError.busy(waiting: limits.waiting)
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                job.continuation = continuation
                waiting.append(job)
                guard !isWorking else { return }
                isWorking = true
                Task { await work() }
            }
        } onCancel: {
            job.cancel()
        }
    }

    private func work() async {
        while true {
            waiting = waiting.filter { !$0.finishIfCancelled() }
            while running.count < limits.concurrent, !waiting.isEmpty { running.append(waiting.removeFirst()) }
            guard !running.isEmpty else { break }
            let (batch, jobs) = (batch, running)
            // A step does not throw: what fails is remembered with its text.
            try? await pool.run { batch.step(jobs) }
            running = running.filter { !$0.finishIfDone() }
        }
        isWorking = false
    }
}

/// How many texts are written at once, and how many may wait for it.
package struct GenerationLimits: Sendable {
    package var concurrent = 8
    package var waiting = 256

    package init(concurrent: Int = 8, waiting: Int = 256) {
        self.concurrent = max(1, concurrent)
        self.waiting = max(0, waiting)
    }
}

/// A text that is asked for.
final class GenerationJob: @unchecked Sendable {  // sound: used by the scheduler, and by one step of its at a time
    let make: () throws -> GenerationRun
    let show: (String) -> Void
    /// Set by the scheduler.
    var continuation: CheckedContinuation<GeneratorStatistics, any Error>?
    private(set) var run: GenerationRun?
    private var failure: (any Error)?
    private let isCancelled = Atomic(false)

    /// - Parameters:
    ///   - make: begins the run when it is its turn.
    ///   - show: is called with complete characters, from the pool.
    init(make: @escaping () throws -> GenerationRun, show: @escaping (String) -> Void) {
        self.make = make
        self.show = show
    }

    func cancel() { isCancelled.store(true, ordering: .relaxed) }

    var isGoingOn: Bool { failure == nil && run?.statistics == nil && !isCancelled.load(ordering: .relaxed) }

    /// Makes the run, if it is not made yet.
    func begin() { attempt { _ in "" } }

    /// Does a piece of work, and remembers if it fails: that is no matter of the others'.
    func attempt(_ body: (GenerationRun) throws -> String) {
        guard isGoingOn else { return }
        do {
            if run == nil { run = try make() }
            guard let run else { return }
            let text = try body(run)
            if !text.isEmpty { show(text) }
        } catch {
            failure = error
        }
    }

    func finishIfCancelled() -> Bool {
        guard isCancelled.load(ordering: .relaxed) else { return false }
        finish(.failure(CancellationError()))
        return true
    }

    func finishIfDone() -> Bool {
        if let failure { finish(.failure(failure)) } else if let statistics = run?.statistics { finish(.success(statistics)) }
        return continuation == nil || finishIfCancelled()
    }

    private func finish(_ result: Result<GeneratorStatistics, any Error>) {
        continuation?.resume(with: result)
        continuation = nil
        run = nil
    }
}

/// One step of several texts.
private final class GenerationBatch: @unchecked Sendable {  // sound: the scheduler makes one step after another
    private let model: any DecoderModel
    private let pool: ComputePool
    private let workspace = DecoderWorkspace()
    private var costs = PassCosts()

    init(model: any DecoderModel, pool: ComputePool) {
        self.model = model
        self.pool = pool
    }

    func step(_ jobs: [GenerationJob]) {
        readPrompts(jobs)
        let start = ContinuousClock.now
        let writing = jobs.filter { $0.isGoingOn && !($0.run?.pending.isEmpty ?? true) }
        let most = max(1, model.independentRows)
        // Guesses take the place that others leave.
        let guesses = max(0, most / max(1, min(writing.count, most)) - 1)
        var group: [GenerationJob] = []
        var rows = 0
        for job in writing {
            job.run?.limitGuesses(to: guesses)
            let count = job.run?.pending.count ?? 0
            if rows + count > most {
                pass(group, since: start)
                (group, rows) = ([], 0)
            }
            group.append(job)
            rows += count
        }
        if !group.isEmpty { pass(group, since: start) }
    }

    /// One portion of the first prompt that is not read yet, and with it those of others that are short enough.
    private func readPrompts(_ jobs: [GenerationJob]) {
        let parts = nextParts(jobs)
        guard parts.count > 1 else {
            parts.first?.job.attempt { run in
                _ = try run.readPromptBatch()
                return run.isReading ? "" : try run.takeFirst(since: .now)
            }
            return
        }
        let start = ContinuousClock.now
        let segments = parts.map { $0.run.session.segment($0.tokens, isLast: $0.isLast) }
        let logits = model.forward(segments, workspace: workspace, pool: pool)
        var first = 0
        for part in parts {
            let count = part.isLast ? model.vocabularyCount : 0
            part.run.didReadPrompt(part.tokens, logits: Array(logits[first..<first + count]), since: start)
            first += count
            if part.isLast { part.job.attempt { try $0.takeFirst(since: .now) } }
        }
    }

    private struct PromptPart {
        let job: GenerationJob
        let run: GenerationRun
        let tokens: [Int32]
        let isLast: Bool
    }

    /// Portions of prompts that one pass can take. What comes out of each is what it would be alone: none has so few rows
    /// that it alone would be computed in another way, and scores are asked for at no more rows than are independent.
    private func nextParts(_ jobs: [GenerationJob]) -> [PromptPart] {
        var parts: [PromptPart] = []
        var rows = 0
        for job in jobs where job.isGoingOn && job.run?.isReading ?? true {
            job.begin()
            guard let run = job.run, run.isReading, !parts.contains(where: { run.gains(from: $0.run) }) else { continue }
            let tokens = run.nextPromptBatch()
            rows += tokens.count
            let fits = tokens.count >= Attention.fewRows && rows <= run.session.batchSize
            guard parts.isEmpty || fits else { break }
            parts.append(PromptPart(job: job, run: run, tokens: tokens, isLast: tokens.count == run.unreadTokens))
            if !fits || !model.readsPromptsTogether || parts.count == model.independentRows { break }
        }
        return parts
    }

    private func pass(_ jobs: [GenerationJob], since start: ContinuousClock.Instant) {
        let runs = jobs.compactMap(\.run)
        let began = ContinuousClock.now
        let logits = model.forward(runs.map { $0.session.segment($0.pending) }, workspace: workspace, pool: pool)
        costs.learn(rows: runs.reduce(0) { $0 + $1.pending.count }, seconds: (ContinuousClock.now - began) / .seconds(1))
        let cost = costs.rowCost(texts: runs.count)
        var first = 0
        for job in jobs {
            guard let run = job.run else { continue }
            let count = run.pending.count * model.vocabularyCount
            run.session.didRead(run.pending)
            let own = UnsafeBufferPointer(rebasing: logits[first..<first + count])
            first += count
            run.setRowCost(cost)
            job.attempt { try $0.take(own, since: start) }
        }
    }
}
