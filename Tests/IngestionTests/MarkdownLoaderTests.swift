import Testing

import Ingestion

@Suite struct MarkdownLoaderTests {
    private func load(_ text: String) -> LoadedDocument {
        let document = MarkdownLoader().load(SourceText(text), of: FileContents(path: "a.md", bytes: []))
        document.checkInvariants()
        return document
    }

    @Test func headings() {
        #expect(load("# One *two* `x_y`\n\nTwo\nlines\n===\n\nThree\n---\n### [Four](u) ###\n#no\n").outline == [
            "h1[One two x_y] 1: # One *two* `x_y`", "h1[Two lines] 3-5: Two⏎lines⏎===", "h2[Three] 7-8: Three⏎---",
            "h3[Four] 9: ### [Four](u) ###", "p 10: #no",
        ])
    }

    @Test func codeBlocks() {
        #expect(load("```swift\nlet a = 1\n\n# no heading\n```\ntext\n\n    indented\n\n      more\n\nend\n~~~\nopen").outline == [
            "code(swift,-) 1-5: ```swift⏎let a = 1⏎⏎# no heading⏎```", "p 6: text", "code(-,-) 8-10:     indented⏎⏎      more", "p 12: end",
            "code(-,-) 13-14: ~~~⏎open",
        ])
    }

    @Test func listsAndQuotes() {
        #expect(load("Intro:\n- one\n  more\n- two\n  1. nested\n\n     para\n\n     ```sh\n     ls\n     ```\n- three\n> quoted\nlazy\n>\n> - in quote\n").outline == [
            "p 1: Intro:", "li 2-3: - one⏎  more", "li 4: - two", "li 5: 1. nested", "li 7: para", "code(sh,-) 9-11: ```sh⏎     ls⏎     ```",
            "li 12: - three", "p 13-14: > quoted⏎lazy", "li 16: > - in quote",
        ])
    }

    @Test func tables() {
        #expect(load("Before\n| a | b |\n|---|:-:|\n| 1 | 2 |\n| 3 \\| 4 | 5 |\n\nafter | x\n").outline == [
            "p 1: Before", "th 2-3: | a | b |⏎|---|:-:|", "tr 4: | 1 | 2 |", "tr 5: | 3 \\| 4 | 5 |", "p 7: after | x",
        ])
    }

    @Test func frontMatter() {
        let document = load("---\ntitle: \"The Title\"\nTags: [a, \"b\"]\nauthors:\n  - Ann\n  - Bob\n---\n# Other\n")
        #expect(document.title == "The Title")
        #expect(document.metadata == ["title": "The Title", "tags": "a, b", "authors": "Ann, Bob"])
        #expect(document.outline == ["h1[Other] 8: # Other"])
        #expect(load("---\n\ntext\n\n---\n").metadata.isEmpty)
    }

    @Test func htmlBlocksAndDefinitions() {
        #expect(load("<h1 align=\"center\">Name</h1>\n\n<!-- note\n\nhidden -->\n<div>\ntext\n</div>\n\n[a]: http://x\n[b]: y 'T'\n[^1]: A note.\n\n<br>\n").outline == [
            "h1[Name] 1: <h1 align=\"center\">Name</h1>", "p 6-8: <div>⏎text⏎</div>", "p 12: [^1]: A note.",
        ])
    }

    @Test func blankDocumentsHaveNoBlocks() {
        #expect(load("").isEmpty && load("\n  \n\t\n").isEmpty && load("---\na: b\n---\n").isEmpty && load("* * *\n").isEmpty)
    }

    @Test func randomLinesKeepTheInvariants() {
        var random = SeededGenerator(seed: 3)
        let atoms = ["# ", "- ", "1. ", "> ", "    ", "\t", "```", "~~~", "|a|b|", "|-|-|", "text", "---", "===", "<div>", "<!--", "-->", "[a]: b", " ", "", "é漢"]
        for _ in 0..<3000 {
            let text = (0..<Int.random(in: 1...12, using: &random)).map { _ in
                (0..<Int.random(in: 0...4, using: &random)).map { _ in atoms.randomElement(using: &random) ?? "" }.joined()
            }.joined(separator: "\n")
            _ = load(text)
        }
    }

    @Test(arguments: ["> ", "- ", "[", "*", "<", "`", "|", "#", "\\", "&", "- a\n", "```\n", "[a](", "<a ", "1. "])
    func hostileRepetition(_ atom: String) {
        _ = MarkdownLoader().load(SourceText(String(repeating: atom, count: 100_000)), of: FileContents(path: "a.md", bytes: []))
    }
}
