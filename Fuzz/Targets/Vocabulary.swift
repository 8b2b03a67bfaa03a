internal import Tokenizers
internal import TransformerCore

/// The tokenizer that a GGUF file holds.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let file = try? GGUFFile(bytes: bytes(start, count), name: "input.gguf") else { return 0 }
    if let tokenizer = try? file.promptTokenizer() {
        exercise(tokenizer)
        _ = tokenizer.encodePrompt([.template(hardText), .text(hardText), .template("<s>")])
        _ = TokenVocabulary(tokenizer)
    }
    if let tokenizer = try? file.wordPieceTokenizer() { exercise(tokenizer) }
    return 0
}

/// Every id that comes out must be one of the vocabulary.
private func exercise(_ tokenizer: any Tokenizer) {
    let ids = tokenizer.encode(hardText)
    precondition(ids.allSatisfy { $0 >= 0 && Int($0) < tokenizer.vocabularyCount })
    precondition(tokenizer.count(hardText) == ids.count)
    _ = tokenizer.decode(ids)
}
