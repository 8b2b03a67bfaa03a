public import Foundation

extension KnowledgeBase {
    /// Brings the knowledge base up to date with files and folders, and reports on every file.
    ///
    /// Only what changed is read and embedded; files that are gone from a given folder are removed. Each document
    /// is committed whole or not at all: an interrupted run loses nothing that was reported as indexed, and the
    /// next one goes on from there.
    /// - Parameter progress: called in order, from the run's own task.
    /// - Throws: `KnowledgeBaseError`, or what the embedding model throws. Files that cannot be read do not throw:
    ///   they are in the report.
    @discardableResult
    public func index(
        _ paths: [URL], options: IndexingOptions = IndexingOptions(),
        progress: @escaping @Sendable (IndexingEvent) -> Void = { _ in }
    ) async throws -> IndexingReport {
        try await IndexingJob(store: store, provider: provider, options: options, roots: paths, emit: progress).run()
    }

    /// Brings the knowledge base up to date with a file or folder.
    @discardableResult
    public func index(_ path: URL, options: IndexingOptions = IndexingOptions()) async throws -> IndexingReport {
        try await index([path], options: options)
    }

    /// The same as an asynchronous sequence of progress that ends with the report.
    public func indexing(_ paths: [URL], options: IndexingOptions = IndexingOptions()) -> IndexingRun {
        IndexingRun { emit in try await self.index(paths, options: options, progress: emit) }
    }
}
