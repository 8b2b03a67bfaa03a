internal import Tokenizers
internal import TransformerCore

/// What `model convert` makes of `tokenizer.json` and, behind a zero byte, `tokenizer_config.json`, read back.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let parts = bytes(start, count).split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
    var writer = GGUFWriter()
    writer.set("general.architecture", .string("llama"))
    do {
        try TokenizerConversion(
            tokenizer: Array(parts[0]), options: parts.count > 1 ? Array(parts[1]) : nil, template: nil, vocabularyCount: 300
        ).add(to: &writer)
        read(try GGUFFile(converting: writer, folder: "input"))
    } catch {}
    return 0
}

private func read(_ file: GGUFFile) {
    if let tokenizer = try? file.promptTokenizer() {
        exercise(tokenizer)
        _ = tokenizer.encodePrompt([.template(hardText), .text(hardText), .template("<s>")])
    }
    if let framing = try? file.encoderTokenizer() { exercise(framing.tokenizer) }
}

/// Every id that comes out must be one of the vocabulary.
private func exercise(_ tokenizer: any Tokenizer) {
    let ids = tokenizer.encode(hardText)
    precondition(ids.allSatisfy { $0 >= 0 && Int($0) < tokenizer.vocabularyCount })
    precondition(tokenizer.count(hardText) == ids.count)
    _ = tokenizer.decode(ids)
}
