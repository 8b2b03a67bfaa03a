import Foundation
import Testing

import Footnote

@Suite struct LexicalTests {
    @Test func ideographsBecomePairs() {
        #expect(LexicalText.segmented("知识库").split(separator: " ") == ["知识", "知", "识库", "识", "库"])
        #expect(LexicalText.segmented("用SQLite存储").split(separator: " ") == ["用", "SQLite", "存储", "存", "储"])
        #expect(LexicalText.segmented("plain text") == "plain text")
        #expect(LexicalText.segmented("서울".decomposedStringWithCanonicalMapping) == LexicalText.segmented("서울"))
        #expect(LexicalText.segmented("") == "")
    }

    @Test func questionsBecomeTerms() {
        #expect(LexicalQuery("How do I rotate the keys?").terms == ["rotate", "keys"])
        #expect(LexicalQuery("who is who").terms == ["who", "is"])
        #expect(LexicalQuery("知识库 在").terms == ["知识", "识库", "在", "知", "识", "库"])
        #expect(LexicalQuery("谁的茶馆").terms == ["谁的", "的茶", "茶馆", "茶", "馆"])
        #expect(LexicalQuery("タワー 서울").terms == ["タワ", "ワー", "서울"])
        #expect(LexicalQuery("?!").matchExpression == nil)
        #expect(LexicalQuery("a\"b NEAR c*").matchExpression == "\"b\" OR \"near\" OR \"c\"")
    }

    @Test func longQuestionsAreBounded() {
        let terms = LexicalQuery((0..<5000).map { "word\($0)" }.joined(separator: " ")).terms
        #expect(terms.count == 128)
    }
}
