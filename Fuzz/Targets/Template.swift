internal import TransformerCore

/// A chat template, rendered for a short conversation.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let source = String(decoding: UnsafeBufferPointer(start: start, count: start == nil ? 0 : count), as: UTF8.self)
    guard let template = try? ChatTemplate(source: source) else { return 0 }
    _ = try? template.render(
        messages: [
            ChatMessage(role: "system", content: "Be brief. "), ChatMessage(role: "user", content: " What is 1 + 1?\n"),
            ChatMessage(role: "assistant", content: "<|im_end|>2"), ChatMessage(role: "user", content: ""),
        ], addGenerationPrompt: true, beginToken: "<s>", endToken: "</s>")
    return 0
}
