/// The input of one run, as an array.
func bytes(_ start: UnsafePointer<UInt8>?, _ count: Int) -> [UInt8] {
    Array(UnsafeBufferPointer(start: start, count: start == nil ? 0 : count))
}

/// Text that is hard to cut into tokens: many scripts, marks, runs, numbers, code, broken words.
let hardText = """
    Hello, world! 12345 don't  won’t\t\t\n\n  naïve coöperation ẞßſ ﬁnancial Ⅷ ①② 你好，世界 こんにちは 안녕 สวัสดี नमस्ते \
    👩‍👩‍👧‍👦🏳️‍🌈 e\u{301}a\u{30A} \u{200B}\u{FEFF}\u{AD} [SEP]<s></s><|im_end|> func f(x: Int) -> [String: Any] { return [:] } \
    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa 0x1F600 ½ ³ \u{10FFFF} ___ ---- ....
    """
