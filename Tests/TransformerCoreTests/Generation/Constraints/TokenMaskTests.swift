import Testing

import TransformerCore

@Suite struct TokenMaskTests {
    @Test(arguments: [1, 63, 64, 65, 200]) func holdsWhatWasPutIn(count: Int) {
        var mask = TokenMask(count: count)
        #expect(mask.isEmpty)
        let ids = (0..<Int32(count)).filter { $0 % 3 == 0 }
        ids.forEach { mask.insert($0) }
        #expect((0..<Int32(count)).filter(mask.contains) == ids)
        mask.insert(Int32(count))
        mask.insert(-1)
        #expect(!mask.contains(Int32(count)) && !mask.contains(-1))
        mask.remove(0)
        #expect(!mask.contains(0))
        var all = TokenMask(count: count, allowsAll: true)
        #expect((0..<Int32(count)).allSatisfy(all.contains))
        all.formIntersection(mask)
        #expect(all == mask)
        ids.forEach { all.remove($0) }
        #expect(all.isEmpty)
    }

    @Test(arguments: [0, 1, 64, 130]) func lowersAllOthers(more: Int) {
        var mask = TokenMask(count: 130)
        for id in [0, 63, 64, 100, 129] as [Int32] { mask.insert(id) }
        var logits = (0..<130 + more).map(Float.init)
        mask.apply(to: &logits)
        for (id, logit) in logits.enumerated() {
            #expect(logit == (mask.contains(Int32(id)) ? Float(id) : -.infinity))
        }
    }

    @Test func vocabularyIsSortedByBytes() {
        let pieces = ["b", "a", "", "ab", "abcdefghijz", "abcdefghij", "abcdefghijy", "a", "ÿ", "\0", "ab\0"]
        let vocabulary = TokenVocabulary(PieceTokenizer(pieces.map { Array($0.utf8) }))
        #expect(vocabulary.count == pieces.count + 2)
        let spellings = vocabulary.sorted.map { pieces[Int($0)] }
        #expect(spellings == ["\0", "a", "a", "ab", "ab\0", "abcdefghij", "abcdefghijy", "abcdefghijz", "b", "ÿ"])
    }
}
