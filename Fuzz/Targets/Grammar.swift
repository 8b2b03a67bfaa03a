internal import TransformerCore

/// A grammar in GBNF up to the first zero byte, and a text after it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let parts = bytes(start, count).split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, let grammar = try? Grammar(gbnf: String(decoding: first, as: UTF8.self)) else { return 0 }
    let text = parts.count > 1 ? Array(parts[1].prefix(256)) : Array("a1 \"b\" {}".utf8)
    let isBeginning = try? grammar.isBeginning(text)
    if let matches = try? grammar.matches(String(decoding: text, as: UTF8.self)), matches,
        String(validating: text, as: UTF8.self) != nil {
        precondition(isBeginning != false, "a text that follows the grammar is also a beginning of one")
    }
    return 0
}
