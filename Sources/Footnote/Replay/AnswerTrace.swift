internal import Synchronization

/// Notes what a run of the pipeline used that its answer does not hold, for the manifest.
final class AnswerTrace: Sendable {
    struct Notes: Sendable {
        var results: [SearchResult] = []
        var reader: ModelIdentity?
        var language: ModelIdentity?
        var messages: [ChatMessage]?
    }

    private let state = Mutex(Notes())

    var notes: Notes { state.withLock { $0 } }

    func retrieved(_ results: [SearchResult]) { state.withLock { $0.results = results } }

    func read(by reader: ModelIdentity) { state.withLock { $0.reader = reader } }

    func asked(_ model: ModelIdentity, _ request: GenerationRequest) {
        state.withLock {
            $0.language = model
            $0.messages = request.messages
        }
    }
}
