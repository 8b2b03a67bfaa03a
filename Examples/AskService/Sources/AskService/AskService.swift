import Footnote
import Foundation

/// A service that answers questions about a folder.
///
/// usage: AskService FOLDER
/// Reads `{"id": 1, "question": "…"}` a line on standard input and writes one line of JSON for each, so that any
/// program can start it and talk to it over two pipes. The folder is brought up to date before the first question.
@main
struct AskService {
    struct Request: Decodable {
        var id: Int?
        var question: String
        /// Quote sentences instead of letting the language model write.
        var extractive: Bool?
    }

    struct Reply: Encodable {
        struct Source: Encodable {
            var number: Int
            var path: String
            var lines: [Int]
            var quote: String
        }

        var id: Int?
        var answer: String?
        var sources: [Source] = []
        var error: String?
    }

    static func main() async throws {
        guard CommandLine.arguments.count == 2 else { fail("usage: AskService FOLDER") }
        let folder = URL(fileURLWithPath: CommandLine.arguments[1], isDirectory: true)
        do {
            let base = try await KnowledgeBase(at: folder)
            let report = try await base.index(folder)
            log("\(report.chunks) chunks are ready; \(report.count(.failed)) files failed")
            while let line = readLine() {
                let reply = await answer(line, from: base)
                let json = try JSONEncoder().encode(reply)
                FileHandle.standardOutput.write(json + Data("\n".utf8))
            }
        } catch {
            fail("\(error)")
        }
    }

    /// Every line gets a reply, whatever was in it.
    static func answer(_ line: String, from base: KnowledgeBase) async -> Reply {
        guard let request = try? JSONDecoder().decode(Request.self, from: Data(line.utf8)) else {
            return Reply(error: #"expected {"question": "…"}"#)
        }
        do {
            let options = AskOptions(extractive: request.extractive ?? false)
            for try await event in base.ask(request.question, options: options) {
                guard case .finished(let answer) = event else { continue }
                return Reply(id: request.id, answer: text(answer), sources: answer.citations.map(source))
            }
            return Reply(id: request.id, error: "interrupted")
        } catch {
            return Reply(id: request.id, error: "\(error)")
        }
    }

    /// `nil` when the documents hold no answer. Sentences that their sources do not bear out are left out.
    static func text(_ answer: Answer) -> String? {
        guard answer.outcome == .answered else { return nil }
        return answer.sentences.filter { $0.support != .unsupported }.map { sentence in
            sentence.text + sentence.citations.map { " [\($0.number)]" }.joined()
        }.joined(separator: " ")
    }

    static func source(_ citation: Citation) -> Reply.Source {
        Reply.Source(
            number: citation.number, path: citation.document.path,
            lines: [citation.location.firstLine, citation.location.lastLine], quote: citation.quote)
    }

    static func log(_ message: String) { FileHandle.standardError.write(Data("AskService: \(message)\n".utf8)) }

    static func fail(_ message: String) -> Never {
        log(message)
        exit(1)
    }
}
