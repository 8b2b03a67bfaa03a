/// Keeps count during a run and tells about it.
struct IndexingTally {
    private var report = IndexingReport()
    private var progress = IndexingProgress()
    private let start: ContinuousClock.Instant
    private let emit: @Sendable (IndexingEvent) -> Void

    init(plan: IndexingPlan, start: ContinuousClock.Instant, emit: @escaping @Sendable (IndexingEvent) -> Void) {
        self.start = start
        self.emit = emit
        report.model = plan.generation.model.name
        progress.filesFound = plan.walk.files.count + plan.walk.notTaken.count
        progress.bytesFound = plan.walk.files.reduce(0) { $0 + $1.stamp.size }
        emit(.progress(progress))
    }

    /// - Parameter bytes: of the files found; 0 for files that are gone.
    mutating func settle(_ file: FileReport, bytes: Int64) { settle([file], bytes: bytes) }

    mutating func settle(_ files: [FileReport], bytes: Int64) {
        for file in files {
            report.files.append(file)
            report.chunks += file.chunks
            report.embedded += file.embedded
            // Files within files were not counted when files were found.
            if file.status != .removed, StoredPath.container(of: file.path) == nil { progress.filesDone += 1 }
            emit(.file(file))
        }
        progress.bytesDone += bytes
        progress.chunks = report.chunks
        progress.seconds = seconds
        emit(.progress(progress))
    }

    mutating func embedded(in time: Duration) { report.embeddingSeconds += time.inSeconds }

    mutating func notice(_ text: String) { report.notices.append(text) }

    mutating func finish() -> IndexingReport {
        report.files.sort { $0.path < $1.path }
        report.seconds = seconds
        return report
    }

    private var seconds: Double { (ContinuousClock.now - start).inSeconds }
}

extension Duration {
    fileprivate var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
