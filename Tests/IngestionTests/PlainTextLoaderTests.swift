import Testing

import Ingestion

@Suite struct PlainTextLoaderTests {
    private func load(_ text: String) -> [String] {
        let document = PlainTextLoader().load(SourceText(text), of: FileContents(path: "a.txt", bytes: []))
        document.checkInvariants()
        return document.outline
    }

    @Test func paragraphsAndUnderlinedHeadings() {
        #expect(load("Title\n=====\n\nOne\ntwo\n\n\n  three\nSub\n---\nbody") == ["h1[Title] 1-2: Title⏎=====", "p 4-5: One⏎two", "p 8-11: three⏎Sub⏎---⏎body"])
    }

    @Test func numberedHeadingsOnlyWithText() {
        #expect(load("1. Storage\n\nText here.\n\n1.2 Pages\n\nMore.\n\n第三章 检索\n\n内容。\n") == [
            "h1[1. Storage] 1: 1. Storage", "p 3: Text here.", "h2[1.2 Pages] 5: 1.2 Pages", "p 7: More.", "h1[第三章 检索] 9: 第三章 检索", "p 11: 内容。",
        ])
        #expect(load("1. Buy milk\n\n2. Buy eggs\n").allSatisfy { $0.hasPrefix("li") || $0.hasPrefix("p") })
        #expect(load("2024 was good.\n\nYes\n") == ["p 1: 2024 was good.", "p 3: Yes"])
    }

    @Test func lists() {
        #expect(load("- a\n  b\n- c\n\n* x\n* y") == ["li 1-2: - a⏎  b", "li 3: - c", "li 5: * x", "li 6: * y"])
    }
}
