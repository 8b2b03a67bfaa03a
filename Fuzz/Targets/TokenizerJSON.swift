internal import Tokenizers

/// `tokenizer.json`, read as each kind of tokenizer.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let json = bytes(start, count)
    if let tokenizer = try? BytePairTokenizer(tokenizerJSON: json) { exercise(tokenizer) }
    if let tokenizer = try? WordPieceTokenizer(tokenizerJSON: json) { exercise(tokenizer) }
    if let tokenizer = try? WordPieceTokenizer(vocabularyList: json) { exercise(tokenizer) }
    return 0
}

private func exercise(_ tokenizer: any Tokenizer) {
    let ids = tokenizer.encode(hardText)
    precondition(ids.allSatisfy { $0 >= 0 && Int($0) < tokenizer.vocabularyCount })
    precondition(tokenizer.count(hardText) == ids.count)
    _ = tokenizer.decode(ids)
}
