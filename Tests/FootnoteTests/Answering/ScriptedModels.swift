import Foundation

import Footnote

/// A language model that says what it is told to say.
struct ScriptedLanguageModel: LanguageModel {
    let identity = ModelIdentity(name: "scripted", digest: "none")
    let contextLength = 2048
    var script: String

    func tokenCount(_ text: String) -> Int { text.split(separator: " ").count }

    func promptTokenCount(_ messages: [ChatMessage]) throws -> Int {
        messages.reduce(0) { $0 + tokenCount($1.content) + 4 }
    }

    func generate(_ request: GenerationRequest) -> AsyncThrowingStream<GenerationEvent, any Error> {
        AsyncThrowingStream { continuation in
            for word in script.split(separator: " ", omittingEmptySubsequences: false) {
                continuation.yield(.text(String(word) + " "))
            }
            continuation.yield(.finished(GenerationStatistics(
                reason: .endOfText, promptTokens: 0, generatedTokens: 0, promptSeconds: 0, generationSeconds: 0)))
            continuation.finish()
        }
    }
}

/// A reader that takes given words for the answer, where a passage holds them, and says no to other passages.
struct ScriptedReader: PassageReader {
    let identity = ModelIdentity(name: "scripted reader", digest: "none")
    var answers: [String]
    var losesReadings = false

    func read(_ question: String, _ passages: [ReadingPassage]) async throws -> [PassageReading] {
        if losesReadings { return [] }
        return passages.map { passage in
            let found = answers.lazy.compactMap { passage.text.range(of: $0) }.first
            let words = passage.text.split(whereSeparator: \.isWhitespace)
            let tokens = words.map { word in
                let isBegin = found.map { $0.lowerBound == word.startIndex } ?? false
                let isEnd = found.map { word.startIndex < $0.upperBound && word.endIndex >= $0.upperBound } ?? false
                let utf8 = passage.text.utf8
                let lower = utf8.distance(from: utf8.startIndex, to: word.startIndex)
                let upper = utf8.distance(from: utf8.startIndex, to: word.endIndex)
                return PassageReading.Token(range: lower..<upper, begin: isBegin ? -0.01 : -9, end: isEnd ? -0.01 : -9)
            }
            return PassageReading(answers: found == nil ? -6 : 6, tokens: tokens)
        }
    }
}
