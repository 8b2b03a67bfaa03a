import Testing

import Footnote

@Suite struct ScoreRegularizationTests {
    private let vectors: [[Float]] = [[1, 0], [0, 1], [0.8, 0.6], [0, 1]]

    private func mixed(_ scores: [Double], _ vectors: [[Float]]) -> [Double] {
        ScoreRegularization.scores(scores, vectors: vectors, share: ScoreRegularization.share(scores))
    }

    @Test func whatStandsOutIsLeftAlone() {
        let scores = [1, 0.5, 0.4, 0.3]
        #expect(ScoreRegularization.share(scores) == 0)
        #expect(mixed(scores, vectors) == scores)
    }

    @Test func amongAlikeScoresNeighboursCount() {
        let scores = [1, 0.95, 0.9, 0.9]
        #expect(ScoreRegularization.share(scores) == 0.5)
        let mixed = self.mixed(scores, vectors)
        // By hand: weights are cosines to the fourth power, and three neighbours are all there are.
        let (far, near) = (0.8 * 0.8 * 0.8 * 0.8, 0.6 * 0.6 * 0.6 * 0.6)
        #expect(abs(mixed[0] - (0.5 * 1 + 0.5 * 0.9)) < 1e-6)
        #expect(abs(mixed[1] - (0.5 * 0.95 + 0.5 * (near * 0.9 + 0.9) / (near + 1))) < 1e-6)
        #expect(abs(mixed[2] - (0.5 * 0.9 + 0.5 * (far * 1 + near * 0.95 + near * 0.9) / (far + 2 * near))) < 1e-6)
        #expect(mixed.allSatisfy { (0...1).contains($0) })
    }

    @Test func nothingIsMadeOfNothing() {
        #expect(mixed([], []) == [])
        #expect(mixed([1], [[1, 0]]) == [1])
        #expect(mixed([0, 0], [[1, 0], [1, 0]]) == [0, 0])
        #expect(mixed([1, 1], [[], []]) == [1, 1])
    }
}
