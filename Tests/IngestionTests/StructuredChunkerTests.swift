import Testing

import Ingestion

@Suite struct StructuredChunkerTests {
    /// Tokens as a word tokenizer counts them: words, each CJK character, each punctuation mark.
    @Sendable private static func tokens(_ text: Substring) -> Int {
        var count = 0, inWord = false
        for scalar in text.unicodeScalars {
            if scalar.properties.isWhitespace {
                inWord = false
            } else if scalar.properties.isAlphabetic && scalar.value < 0x2E80 || scalar.properties.numericType != nil {
                if !inWord { count += 1 }
                inWord = true
            } else {
                count += 1
                inWord = false
            }
        }
        return count
    }

    private func chunks(_ text: String, _ maximum: Int, minimum: Int? = nil, overlap: Int = 0) -> (LoadedDocument, [Chunk]) {
        let document = MarkdownLoader().load(SourceText(text), of: FileContents(path: "a.md", bytes: []))
        let options = ChunkingOptions(maximumTokens: maximum, minimumTokens: minimum, overlapTokens: overlap)
        return (document, StructuredChunker(options: options, tokenCount: Self.tokens).chunks(of: document))
    }

    @Test func headingsBoundChunksAndGiveThePath() {
        let (document, chunks) = chunks("# A\n\n## B\n\none two\n\nthree\n\n## C\n\nfour\n", 50)
        #expect(chunks.map { document.text($0.range) } == ["# A\n\n## B\n\none two\n\nthree", "## C\n\nfour"])
        #expect(chunks.map(\.headingPath) == [["A", "B"], ["A", "C"]])
        #expect(chunks.map(\.lines) == [1...7, 9...11])
    }

    @Test func tablesSplitBetweenRowsWithTheHeaderAsLeadIn() {
        let rows = (1...30).map { "| a\($0) | b\($0) |" }.joined(separator: "\n")
        let (document, chunks) = chunks("| x | y |\n|---|---|\n\(rows)\n", 60)
        #expect(chunks.count > 1)
        #expect(chunks[0].leadIn == nil)
        for chunk in chunks.dropFirst() {
            #expect(chunk.leadIn.map(document.text) == "| x | y |\n|---|---|")
            #expect(document.text(chunk.range).hasPrefix("| a") && document.text(chunk.range).hasSuffix("|"))
        }
    }

    @Test func listsSplitBetweenItemsWithTheirIntroduction() {
        let items = (1...8).map { "- item number \($0) is here" }.joined(separator: "\n")
        let (document, chunks) = chunks("Some text. Do this:\n\n\(items)\n", 20)
        #expect(chunks.count > 2)
        #expect(chunks.dropFirst().allSatisfy { $0.leadIn.map(document.text) == "Do this:" })
    }

    @Test func codeThatFitsStaysWhole() {
        let code = "```\nline one\n\nline two\n```"
        let (document, chunks) = chunks("Some words before the code are here.\n\n\(code)\n", 14, minimum: 3)
        #expect(chunks.map { document.text($0.range) }.contains(code))
    }

    @Test func overlapRepeatsTheEnd() {
        let text = (1...12).map { "Sentence number \($0) is here." }.joined(separator: " ")
        let (document, chunks) = chunks(text, 20, overlap: 6)
        #expect(chunks.count > 2)
        for (before, after) in zip(chunks, chunks.dropFirst()) {
            #expect(after.range.lowerBound < before.range.upperBound)
            #expect(Self.tokens(Substring(document.text(after.range))) <= 20)
        }
    }

    @Test func longLinesAreQuickAndBounded() {
        for text in [String(repeating: "x", count: 1_000_000), String(repeating: "漢字", count: 200_000), String(repeating: "👩‍👩‍👧", count: 20_000), "e" + String(repeating: "\u{301}", count: 200_000)] {
            let (document, chunks) = chunks(text, 100)
            #expect(chunks.count > 10)
            #expect(chunks.allSatisfy { $0.range.count <= 100 * 16 })
            #expect(chunks.reduce(0) { $0 + $1.range.count } == document.text.utf8.count)
        }
    }

    @Test(arguments: [(12, 1), (40, 2), (220, 3)])
    func properties(maximum: Int, seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        for _ in 0..<400 {
            let (document, chunks) = chunks(randomMarkdown(&random), maximum)
            check(document, chunks, maximum)
        }
    }

    private func randomMarkdown(_ random: inout SeededGenerator) -> String {
        let words = ["alpha", "beta.", "Gamma", "e.g.", "delta!", "知识库。", "检索", "x", "`code. Y`", "3.14", "😀", "very_long_identifier_name"]
        return (0..<Int.random(in: 1...14, using: &random)).map { _ -> String in
            let body = (0..<Int.random(in: 1...60, using: &random)).map { _ in words.randomElement(using: &random) ?? "" }
            switch Int.random(in: 0..<8, using: &random) {
            case 0: return "\(String(repeating: "#", count: Int.random(in: 1...4, using: &random))) \(body.prefix(4).joined(separator: " "))"
            case 1: return "```\n\(body.joined(separator: "\n"))\n\n  \(body.joined(separator: " "))\n```"
            case 2: return body.map { "- \($0) \(body[0])" }.joined(separator: "\n")
            case 3: return "| a | b |\n|---|---|\n" + body.map { "| \($0) | y |" }.joined(separator: "\n")
            case 4: return "Introduction:\n\n1. \(body.joined(separator: " "))"
            case 5: return body.joined()
            default: return body.joined(separator: " ")
            }
        }.joined(separator: "\n\n")
    }

    private func check(_ document: LoadedDocument, _ chunks: [Chunk], _ maximum: Int) {
        let bytes = Array(document.text.utf8)
        var covered = [Bool](repeating: false, count: bytes.count), end = 0
        for chunk in chunks {
            #expect(chunk.range.lowerBound >= end && chunk.range.upperBound <= bytes.count && !chunk.range.isEmpty)
            #expect(String(validating: bytes[chunk.range], as: UTF8.self) != nil)
            let leadIn = chunk.leadIn.map { Self.tokens(Substring(document.text($0))) } ?? 0
            let count = Self.tokens(Substring(document.text(chunk.range)))
            #expect(count + leadIn <= maximum || chunk.range.count <= 4, "\(count) + \(leadIn) tokens")
            for index in chunk.range { covered[index] = true }
            let first = bytes[..<chunk.range.lowerBound].count { $0 == 10 } + 1
            #expect(chunk.lines == first...(first + bytes[chunk.range].count { $0 == 10 }))
            end = chunk.range.upperBound
        }
        for block in document.blocks {
            for index in block.range where !covered[index] { #expect(bytes[index] == 32 || bytes[index] == 10 || bytes[index] == 9) }
            guard case .heading = block.kind else { continue }
            // Nothing but headings stands before a heading in its chunk.
            let chunk = chunks.first { $0.range.overlaps(block.range) }
            let before = document.blocks.filter { chunk?.range.overlaps($0.range) == true && $0.range.upperBound <= block.range.lowerBound }
            #expect(before.allSatisfy { if case .heading = $0.kind { true } else { false } })
        }
    }
}
