/// Denials in Chinese, where they are single characters before what they deny.
struct ChineseDenials {
    /// The two characters behind each denial.
    let denied: Set<String>
    private let text: String
    private let plain: String

    init(_ text: String) {
        var normal = text
        for word in Self.affirming { normal = normal.replacing(word, with: "＿") }
        // Ways to forbid are one denial of what is forbidden.
        for word in Self.forbidding { normal = normal.replacing(word, with: "不") }
        let characters = Array(normal)
        var denied: Set<String> = []
        for index in characters.indices where Self.denials.contains(characters[index]) && index + 2 < characters.count {
            // "没有" is one denial.
            let start = characters[index] == "没" && characters[index + 1] == "有" ? index + 2 : index + 1
            guard start + 1 < characters.count, characters[start].isIdeographLike, characters[start + 1].isIdeographLike else { continue }
            denied.insert(String(characters[start...(start + 1)]))
        }
        self.denied = denied
        self.text = text
        plain = normal
    }

    /// The first word that one denies and the other affirms.
    func conflict(with source: ChineseDenials) -> String? {
        for word in denied.sorted() where !source.denied.contains(word) && source.plain.contains(word) { return word }
        for word in source.denied.sorted() where !denied.contains(word) && plain.contains(word) { return word }
        return nil
    }

    /// Chinese words of the sentence whose opposite the source has in their place.
    func opposite(in source: ChineseDenials) -> String? {
        for (first, second) in Opposites.chinese {
            for (mine, theirs) in [(first, second), (second, first)] {
                guard let word = mine.first(where: { text.contains($0) }), !mine.contains(where: { source.text.contains($0) }),
                    let other = theirs.first(where: { source.text.contains($0) && !text.contains($0) })
                else { continue }
                let isTurned = denied.contains(where: { word.hasPrefix($0) }) != source.denied.contains(where: { other.hasPrefix($0) })
                let isForbidding = Self.forbidding.contains(word) || Self.forbidding.contains(other)
                if !isTurned, !isForbidding { return other }
            }
        }
        return nil
    }

    /// The text without the words that forbid and allow, which are compared as denials.
    static func withoutDenials(_ text: String) -> String {
        guard text.contains(where: \.isIdeographLike) else { return text }
        return (forbidding + ["不", "未", "没有", "允许", "可以", "能够"]).reduce(text) { $0.replacing($1, with: " ") }
    }

    private static let denials: Set<Character> = ["不", "没", "未", "无", "非", "勿"]
    private static let forbidding = [
        "不允许", "不准许", "不准", "不许", "不得", "不可以", "不可", "不能够", "不能", "严禁", "禁止", "无法", "尚未", "从未", "从不", "并不", "并未", "不会",
    ]
    private static let affirming = [
        "不仅", "不但", "不过", "不同", "不断", "不少", "不久", "不管", "不论", "不只", "不超过", "不到", "不足", "不低于", "不少于", "无论", "非常", "未来",
        "非洲", "没收", "除非", "无线", "无数", "是否", "差不多", "并非常",
    ]
}
