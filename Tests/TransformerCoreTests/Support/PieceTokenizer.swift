import Tokenizers

/// One id for each of some byte strings, whatever they are, then one for a special token and one that ends generation.
struct PieceTokenizer: PromptTokenizer {
    let pieces: [[UInt8]]

    init(_ pieces: [[UInt8]]) { self.pieces = pieces }

    /// All bytes of the texts and of what constraints look for one by one, and pieces cut from the texts.
    init(cutFrom texts: [String], extra: [String], pieces count: Int, seed: UInt64) {
        var random = TestRandom(seed: seed)
        let single = Set((texts + extra).flatMap(\.utf8)).sorted().map { [$0] }
        var pieces = single + extra.map { Array($0.utf8) }
        while pieces.count < single.count + extra.count + count, let text = texts.randomElement(using: &random) {
            let bytes = Array(text.utf8)
            let start = Int.random(in: 0..<bytes.count, using: &random)
            pieces.append(Array(bytes[start..<min(bytes.count, start + Int.random(in: 1...7, using: &random))]))
        }
        self.init(pieces)
    }

    var vocabularyCount: Int { pieces.count + 2 }
    var endID: Int32 { Int32(pieces.count + 1) }

    var specialTokens: SpecialTokens {
        var tokens = SpecialTokens()
        tokens.end = endID
        tokens.endOfGeneration = [endID]
        return tokens
    }

    func encode(_ text: String) -> [Int32] {
        text.utf8.compactMap { byte in pieces.firstIndex(of: [byte]).map { Int32($0) } }
    }

    func encodePrompt(_ pieces: [PromptPiece]) -> [Int32] {
        pieces.flatMap { piece in
            switch piece {
            case .template(let text), .text(let text): encode(text)
            }
        }
    }

    func id(of token: String) -> Int32? { pieces.firstIndex(of: Array(token.utf8)).map { Int32($0) } }

    func bytes(of id: Int32) -> [UInt8] { pieces.indices.contains(Int(id)) ? pieces[Int(id)] : [] }

    func decode(_ ids: [Int32]) -> String { String(decoding: ids.flatMap(bytes(of:)), as: UTF8.self) }
}
