import Tokenizers

/// What a published tokenizer puts around texts: the `post_processor` of `tokenizer.json`.
struct TokenizerFraming: Equatable {
    /// Ids before a text, between two texts, and after a text.
    var front: [Int] = []
    var middle: [Int] = []
    var back: [Int] = []

    /// Throws `TokenizerError` for a template that does more than frame.
    init(_ processor: JSONValue?) throws(TokenizerError) {
        // Of several steps, one frames; others only correct offsets.
        for step in processor?["processors"]?.array ?? [processor].compactMap({ $0 }) {
            switch step["type"]?.string {
            case "TemplateProcessing": try readTemplate(step)
            case "BertProcessing":
                let (classification, separator) = (try Self.id(step["cls"]), try Self.id(step["sep"]))
                (front, middle, back) = ([classification], [separator], [separator])
            case "RobertaProcessing":
                let (beginning, end) = (try Self.id(step["cls"]), try Self.id(step["sep"]))
                (front, middle, back) = ([beginning], [end, end], [end])
            default: break
            }
        }
    }

    /// `["</s>", 2]`
    private static func id(_ value: JSONValue?) throws(TokenizerError) -> Int {
        guard let id = value?.array?.last?.integer, id >= 0 else { throw .missingField("post_processor") }
        return id
    }

    private mutating func readTemplate(_ step: JSONValue) throws(TokenizerError) {
        let single = try Self.parts(step["single"], step["special_tokens"])
        guard single.count == 2 else { throw .unsupported(component: "post-processor", name: "TemplateProcessing") }
        (front, back) = (single[0], single[1])
        middle = back
        // Only rankers read pairs; where the template for them is another one, theirs is.
        if let pair = try? Self.parts(step["pair"], step["special_tokens"]), pair.count == 3 { middle = pair[1] }
    }

    /// Ids of special tokens before, between and after the texts of a template.
    private static func parts(_ template: JSONValue?, _ specials: JSONValue?) throws(TokenizerError) -> [[Int]] {
        guard let items = template?.array else { throw .missingField("post_processor.single") }
        var parts: [[Int]] = [[]]
        for item in items {
            if item["Sequence"] != nil {
                parts.append([])
            } else if let name = item["SpecialToken"]?["id"]?.string, let ids = specials?[name]?["ids"]?.array {
                for id in ids {
                    guard let id = id.integer, id >= 0 else { throw .missingField("post_processor.special_tokens") }
                    parts[parts.count - 1].append(id)
                }
            } else {
                throw .missingField("post_processor.special_tokens")
            }
        }
        return parts
    }
}
