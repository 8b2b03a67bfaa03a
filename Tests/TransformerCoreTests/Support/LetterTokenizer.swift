import Tokenizers

/// One id for each byte of a short alphabet, and a last one that ends generation.
struct LetterTokenizer: PromptTokenizer {
    let alphabet: [UInt8]

    init(_ alphabet: String) { self.alphabet = Array(alphabet.utf8) }

    var vocabularyCount: Int { alphabet.count + 1 }

    var specialTokens: SpecialTokens {
        var tokens = SpecialTokens()
        tokens.end = Int32(alphabet.count)
        tokens.endOfGeneration = [Int32(alphabet.count)]
        return tokens
    }

    func encode(_ text: String) -> [Int32] {
        text.utf8.compactMap { byte in alphabet.firstIndex(of: byte).map { Int32($0) } }
    }

    func encodePrompt(_ pieces: [PromptPiece]) -> [Int32] {
        pieces.flatMap { piece in
            switch piece {
            case .template(let text), .text(let text): encode(text)
            }
        }
    }

    func id(of token: String) -> Int32? { encode(token).first }

    func bytes(of id: Int32) -> [UInt8] {
        alphabet.indices.contains(Int(id)) ? [alphabet[Int(id)]] : []
    }

    func decode(_ ids: [Int32]) -> String {
        String(decoding: ids.flatMap(bytes(of:)), as: UTF8.self)
    }
}
