internal import CReader
internal import Foundation
internal import Tokenizers
internal import TransformerCore

/// The default embedding model with the adapters that scripts/train_reader.py trained, which are part of this library.
final class LocalPassageReader: PassageReader {
    let identity: ModelIdentity
    private let reader: BERTReader
    private let tokenizer: WordPieceTokenizer

    /// As trained: longer questions and leads say little more, longer passages do not occur.
    private static let questionTokens = 48, leadTokens = 48, longest = 384

    /// - Throws: `ModelError`.
    init(_ location: ModelLocation) throws {
        do {
            reader = try BERTReader(path: location.url.path, adapters: ReaderWeights.file(), precision: .int8)
            tokenizer = try WordPieceTokenizer(modelFolder: location.url)
        } catch {
            throw ModelError.unreadable(path: location.url.path, reason: "\(error)")
        }
        identity = ModelIdentity(name: "reader", digest: ReaderWeights.digest)
    }

    func read(_ question: String, _ passages: [ReadingPassage]) async throws -> [PassageReading] {
        let front = [tokenizer.specialTokens.classification ?? 0] + tokenizer.encode(question).prefix(Self.questionTokens)
            + [separator]
        let inputs = passages.map { Input($0, tokenizer: tokenizer, front: front, separator: separator) }
        let reader = reader
        let pairs = inputs.map { BERTReader.Pair(tokenIDs: $0.ids, secondSegment: front.count) }
        let readings = try await ComputePool.shared.run { try reader.read(pairs) }
        return zip(inputs, readings).map { $0.reading($1) }
    }

    private var separator: Int32 { tokenizer.specialTokens.separator ?? 0 }

    /// One passage behind the question, and where its tokens lie in it.
    private struct Input {
        var ids: [Int32]
        var lead: Int
        var ranges: [Range<Int>]

        init(_ passage: ReadingPassage, tokenizer: WordPieceTokenizer, front: [Int32], separator: Int32) {
            let lead = passage.lead.isEmpty ? [] : Array(tokenizer.encode(passage.lead + ": ").prefix(leadTokens))
            let room = max(1, longest - front.count - lead.count - 1)
            let tokens = tokenizer.encodeWithOffsets(passage.text).prefix(room)
            ids = front + lead + tokens.map(\.id) + [separator]
            self.lead = lead.count
            ranges = tokens.map(\.range)
        }

        func reading(_ scores: BERTReader.Reading) -> PassageReading {
            let part = lead..<lead + ranges.count
            let begin = logSoftmax(scores.begin[part]), end = logSoftmax(scores.end[part])
            let tokens = ranges.indices.map { PassageReading.Token(range: ranges[$0], begin: begin[$0], end: end[$0]) }
            return PassageReading(answers: Double(scores.answers), tokens: tokens)
        }
    }
}

private func logSoftmax(_ logits: ArraySlice<Float>) -> [Double] {
    let largest = Double(logits.max() ?? 0)
    let total = log(logits.reduce(0.0) { $0 + exp(Double($1) - largest) })
    return logits.map { Double($0) - largest - total }
}

/// The adapters, compiled in.
enum ReaderWeights {
    static func file() throws -> SafetensorsFile {
        try SafetensorsFile(staticBytes: bytes, name: "the reader")
    }

    /// SHA-256 in hexadecimal.
    static let digest = SHA256Digest.hexadecimal(SHA256Digest.of(bytes))

    private static var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: footnote_reader_data(), count: footnote_reader_size())
    }
}
