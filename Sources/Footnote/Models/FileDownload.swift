import Foundation
import Synchronization
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Downloads one file to disk piece by piece, and goes on where an earlier attempt stopped.
final class FileDownload: NSObject, URLSessionDataDelegate, Sendable {
    private struct State {
        var continuation: CheckedContinuation<Void, any Error>?
        var handle: FileHandle?
        var received: Int64 = 0
        var expected: Int64?
        var failure: SourceFailure?
    }

    private let url: URL
    private let file: URL
    private let progress: @Sendable (Int64, Int64?) -> Void
    private let state = Mutex(State())

    init(url: URL, file: URL, progress: @escaping @Sendable (Int64, Int64?) -> Void) {
        self.url = url
        self.file = file
        self.progress = progress
    }

    /// - Throws: `SourceFailure`. What was received stays for the next attempt.
    func run() async throws {
        var request = URLRequest(url: url)
        request.timeoutInterval = 60
        let present = RecordedStamp(path: file.path)?.size ?? 0
        if present > 0 { request.setValue("bytes=\(present)-", forHTTPHeaderField: "Range") }
        state.withLock { $0.received = present }
        let session = URLSession(configuration: .ephemeral, delegate: self, delegateQueue: nil)
        defer { session.finishTasksAndInvalidate() }
        let task = session.dataTask(with: request)
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                state.withLock { $0.continuation = continuation }
                task.resume()
            }
        } onCancel: {
            task.cancel()
        }
    }

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
    ) {
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        let isAccepted = state.withLock { state in
            guard status == 200 || status == 206 else {
                // 416: all of it is there.
                if status != 416 || state.received == 0 { state.failure = SourceFailure(reason: "the server answered \(status)") }
                return false
            }
            if status == 200 { state.received = 0 }
            let length = response.expectedContentLength
            state.expected = length > 0 ? state.received + length : nil
            return open(&state)
        }
        completionHandler(isAccepted ? .allow : .cancel)
    }

    private func open(_ state: inout State) -> Bool {
        if state.received == 0 || !FileManager.default.fileExists(atPath: file.path) {
            guard FileManager.default.createFile(atPath: file.path, contents: nil) else {
                state.failure = SourceFailure(reason: "\(file.path) cannot be written")
                return false
            }
        }
        guard let handle = try? FileHandle(forWritingTo: file), (try? handle.seekToEnd()) != nil else {
            state.failure = SourceFailure(reason: "\(file.path) cannot be written")
            return false
        }
        state.handle = handle
        return true
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let (received, expected, isWritten) = state.withLock { state in
            do {
                try state.handle?.write(contentsOf: data)
                state.received += Int64(data.count)
            } catch {
                state.failure = SourceFailure(reason: "\(file.path) cannot be written: no space left?")
            }
            return (state.received, state.expected, state.failure == nil)
        }
        if isWritten { progress(received, expected) } else { dataTask.cancel() }
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        let (continuation, failure) = state.withLock { state in
            try? state.handle?.close()
            state.handle = nil
            defer { state.continuation = nil }
            let isWhole = state.expected.map { state.received >= $0 } ?? (error == nil)
            let failure = state.failure ?? (isWhole || error == nil ? nil : SourceFailure(reason: error?.localizedDescription ?? ""))
            return (state.continuation, failure)
        }
        if let failure { continuation?.resume(throwing: failure) } else { continuation?.resume() }
    }
}
