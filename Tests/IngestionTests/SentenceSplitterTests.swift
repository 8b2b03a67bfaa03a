import Testing

import Ingestion

@Suite struct SentenceSplitterTests {
    private func sentences(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        return SentenceSplitter().ranges(in: text).map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    /// `|` marks the boundaries that are expected.
    @Test(arguments: [
        "The key rotates daily. | It is stored in the vault.",
        "Is it safe? | Yes! | It is.",
        "See Dr. Smith, e.g. on Monday. | Then go home.",
        "Version 3.14 of SQLite, i.e. the new one, is fast. | Try it.",
        "He said \"Stop.\" | Then he left.",
        "\"Really?\" he asked. | Nobody knew.",
        "Keys rotate every 90 days. [1] | Old keys are kept. [2, 3] | Then they go.",
        "Keys rotate every 90 days.[1] | Old keys are kept [2]. | Done.",
        "J. R. R. Tolkien wrote it. | The U.S. Army read it. | He lives in the U.S. | The end.",
        "See Fig. 2 and Sec. 3.1 for more. | No. 5 is alive. | I said no. | Then I left.",
        "Das gilt z. B. für Berlin, d. h. für alle. | Am 3. Oktober ist frei. | Das war 2024. | Dann kam es anders.",
        "Dies betrifft ca. 5 % bzw. mehr, vgl. Kap. 3. | Ende.",
        "知识库保存在一个文件里。 | 它可以离线使用！ | 真的吗？ | 是的。",
        "他说：“好的。” | 然后走了。",
        "「行く。」と彼は言った。 | そして出かけた。",
        "使用 Swift 6.3 编译。 | Then run it. | 完成。",
        "价格是３．１４元。 | 好。",
        "Call `a.b(). C` now. | Call it again. | sqlite3_open() returns a code.",
        "Well... maybe. | Wait... | What?",
        "Steps:\n| - First do this.\n| - Then that.\n| 1. Number one.\n| 2. Number two. | With more.",
        "# Title\n| Text goes\non here. | And here.",
        "Look:\n\n| ```swift\nlet a = 1. \nlet B = 2\n```\n| Done.",
        "Rows:\n| | a. B | c |\n| | d | e |",
        "Apple Inc. makes phones. | It was sold by Foo Ltd. | The buyer paid 3 p.m. sharp.",
        "Это первое. | Это второе! | См. третье.",
        "यह पहला है। | यह दूसरा है।",
        "Hello world", "",
        "1. Install the tool. | 2 files are made.",
        "At 5 p.m. | The meeting ended.",
    ])
    func boundaries(_ marked: String) {
        // Table rows begin with the same character as the mark, so marks are " | " or "\n| " exactly once before each.
        let expected = split(marked)
        #expect(sentences(expected.joined(separator: "")) == expected.map { $0.trimmed() })
    }

    /// Splits at marks; keeps the white space between sentences with the one before.
    private func split(_ marked: String) -> [String] {
        var parts = [""]
        var rest = Substring(marked)
        while let first = rest.first {
            let atLineStart = parts[parts.count - 1].hasSuffix("\n")
            if first == "|", rest.dropFirst().first == " ", parts[parts.count - 1].hasSuffix(" ") || atLineStart, !parts[parts.count - 1].hasPrefix("|") || atLineStart {
                parts.append("")
                rest = rest.dropFirst(2)
            } else {
                parts[parts.count - 1].append(first)
                rest = rest.dropFirst()
            }
        }
        return parts.count == 1 && parts[0].isEmpty ? [] : parts
    }

    @Test func propertiesOverRandomText() {
        var random = SeededGenerator(seed: 7)
        let atoms = [".", "!", "?", " ", "\n", "\n\n", "a", "Word", "e.g", "。", "」", "と", "`", "```", "[1]", "\"", "…", "３", "．", "é", "😀", "\u{3000}", "1", "- ", "# ", "|"]
        for _ in 0..<4000 {
            let text = (0..<Int.random(in: 0...24, using: &random)).map { _ in atoms.randomElement(using: &random) ?? "" }.joined()
            let bytes = Array(text.utf8)
            var end = 0
            for range in SentenceSplitter().ranges(in: text) {
                #expect(range.lowerBound >= end && range.upperBound <= bytes.count && !range.isEmpty)
                #expect(isBlank(bytes[end..<range.lowerBound]))
                #expect(String(validating: bytes[range], as: UTF8.self) != nil)
                end = range.upperBound
            }
            #expect(isBlank(bytes[end...]), "lost text in \(text.debugDescription)")
        }
    }

    @Test func hostileInputIsLinear() {
        for atom in [".", "`", "```\n", "[1]", "\" ", "e.g. ", "。", "\n", "…", "(", "~~~\n```\n", "` "] {
            let text = String(repeating: atom, count: 300_000)
            #expect(SentenceSplitter().ranges(in: text).count <= 600_000)
        }
    }
}
