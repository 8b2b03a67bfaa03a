/// A run of `KnowledgeBase.indexing`: iterate it for progress, or await `report`.
///
/// ```swift
/// for try await event in base.indexing([folder]) {
///     switch event {
///     case .progress(let progress): print(progress.filesDone, "of", progress.filesFound)
///     case .file(let file): print(file.path, file.status)
///     case .finished(let report): print(report.chunks, "chunks")
///     }
/// }
/// ```
/// The work starts with the iteration and ends with it: leaving the loop, or cancelling its task, stops the run
/// between two commits. What was committed stays.
public struct IndexingRun: AsyncSequence, Sendable {
    public typealias Element = IndexingEvent

    private let work: @Sendable (@escaping @Sendable (IndexingEvent) -> Void) async throws -> IndexingReport

    init(work: @escaping @Sendable (@escaping @Sendable (IndexingEvent) -> Void) async throws -> IndexingReport) {
        self.work = work
    }

    public func makeAsyncIterator() -> AsyncThrowingStream<IndexingEvent, any Error>.Iterator {
        let work = work
        return AsyncThrowingStream<IndexingEvent, any Error> { continuation in
            let task = Task {
                do {
                    let report = try await work { continuation.yield($0) }
                    continuation.yield(.finished(report))
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }.makeAsyncIterator()
    }

    /// Runs to the end.
    public var report: IndexingReport {
        get async throws { try await work { _ in } }
    }
}
