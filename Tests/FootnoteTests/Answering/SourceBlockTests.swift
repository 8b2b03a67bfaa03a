import Foundation
import Testing

import Footnote

@Suite struct SourceBlockTests {
    private let text = """
        # Lamp

        The lamp burns oil. It is lit at dusk.
        A keeper watches it.

        To light it, do the following:

        1. Open the valve.
        2. Strike the flint
           twice, quickly.
        3. Close the door.

        After that, rest.
        - one alone

        # Horn
        """

    private func block(_ words: String, listsOnly: Bool = false) -> String? {
        guard let found = text.range(of: words) else { return nil }
        let lower = text.utf8.distance(from: text.startIndex, to: found.lowerBound)
        let range = SourceRange(lower..<lower + words.utf8.count)
        return SourceBlock(text: text, around: range).range(listsOnly: listsOnly).flatMap { text[$0] }.map(String.init)
    }

    private let list = """
        To light it, do the following:

        1. Open the valve.
        2. Strike the flint
           twice, quickly.
        3. Close the door.
        """

    @Test(arguments: ["1. Open the valve.", "2. Strike the flint\n   twice, quickly.", "twice", "3. Close the door."])
    func aListComesWholeFromAnyItem(item: String) { #expect(block(item) == list) }

    @Test func aListComesFromItsIntroduction() { #expect(block("To light it, do the following:") == list) }

    @Test func aParagraphEndsAtBlankLinesHeadingsAndLists() {
        #expect(block("It is lit at dusk.") == "The lamp burns oil. It is lit at dusk.\nA keeper watches it.")
        #expect(block("After that, rest.") == "After that, rest.")
        #expect(block("It is lit at dusk.", listsOnly: true) == nil)
    }

    @Test func aParagraphThatIntroducesCodeComesWithIt() {
        let text = "Do it now:\n\n```sh\ntide restore\n\ntide check\n```\n\nDone."
        let range = SourceBlock(text: text, around: SourceRange(0..<10)).range(listsOnly: false)
        #expect(range.flatMap { text[$0] } == "Do it now:\n\n```sh\ntide restore\n\ntide check\n```")
    }

    @Test func aLongParagraphIsCutAtASentence() {
        let long = (1...200).map { "Sentence number \($0) stands here." }.joined(separator: " ")
        let place = "Sentence number 50 stands here."
        let found = long.range(of: place).map { long.utf8.distance(from: long.startIndex, to: $0.lowerBound) } ?? 0
        let range = SourceBlock(text: long, around: SourceRange(found..<found + place.utf8.count)).range(listsOnly: false)
        let block = range.flatMap { long[$0] } ?? ""
        #expect(block.hasPrefix(place) && block.hasSuffix("stands here.") && block.utf8.count < 700)
    }

    @Test func aPlaceOutsideOfTheTextHasNoBlock() {
        #expect(SourceBlock(text: "short", around: SourceRange(2..<90)).range(listsOnly: false) == nil)
        #expect(SourceBlock(text: "", around: SourceRange(0..<0)).range(listsOnly: true) == nil)
    }
}
