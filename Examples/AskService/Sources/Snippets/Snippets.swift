import Footnote
import Foundation

// The blocks of Swift in README.md and docs/library.md, compiled. A test compares them, white space aside.

func openIndexAsk(folder: URL) async throws {
    let base = try await KnowledgeBase(at: folder)
    let report = try await base.index(folder)
    print("\(report.chunks) chunks, \(report.count(.failed)) files failed")
    for try await event in base.ask("How do I rotate the keys?") {
        switch event {
        case .retrieved(let passages): print("found \(passages.count) passages")
        case .facts(let facts): print(facts.map(\.text))
        case .text(let piece): print(piece, terminator: "")
        case .sentence(let sentence): print("[\(sentence.support)]", sentence.text)
        case .finished(let answer): print(answer.text)
        }
    }
}

func citations(_ answer: Answer, in base: KnowledgeBase) async throws {
    for citation in answer.citations {
        print("[\(citation.number)]", citation.document.path, citation.location.firstLine, citation.quote)
        let source = try await base.text(of: citation.document)
        assert(source[citation.range].map(String.init) == citation.quote)
    }
}

func searching(_ base: KnowledgeBase) async throws {
    var options = SearchOptions(limit: 5)
    options.filter = SearchFilter(paths: ["docs/**/*.md"], collections: ["handbook"])
    for result in try await base.search("rotating the keys", options: options) {
        print(result.document.path, result.headingPath, result.scores.fused, result.text)
    }
}

func progress(_ base: KnowledgeBase, folder: URL) async throws {
    for try await event in base.indexing([folder]) {
        switch event {
        case .progress(let progress): print(progress.filesDone, "of", progress.filesFound)
        case .file(let file): print(file.status, file.path, file.reason ?? "")
        case .finished(let report): print(report.chunks, "chunks")
        }
    }
}

func withoutALanguageModel(_ base: KnowledgeBase) async throws {
    let answer = try await base.answer("How do I rotate the keys?", options: AskOptions(extractive: true))
    if answer.outcome == .noEvidence { print("the documents do not say") }
}

func anotherModel(folder: URL) async throws {
    var options = KnowledgeBaseOptions()
    options.languageModel = .named("/models/Qwen2.5-0.5B-Instruct-Q4_0.gguf")
    let base = try await KnowledgeBase(at: folder, options: options)
    print(try await base.status().documents)
}

struct EchoModel: LanguageModel {
    let identity = ModelIdentity(name: "echo", digest: "")
    let contextLength = 4096

    func tokenCount(_ text: String) -> Int { text.utf8.count }

    func promptTokenCount(_ messages: [ChatMessage]) -> Int {
        messages.reduce(0) { $0 + tokenCount($1.content) }
    }

    func generate(_ request: GenerationRequest) -> AsyncThrowingStream<GenerationEvent, any Error> {
        AsyncThrowingStream { continuation in
            continuation.yield(.text(request.messages.last?.content ?? ""))
            continuation.finish()
        }
    }
}

@main
struct Snippets {
    static func main() {}
}
