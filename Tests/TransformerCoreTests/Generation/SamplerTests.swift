import Foundation
import Testing

import TransformerCore

@Suite struct SamplerTests {
    private func sample(
        _ logits: [Float], history: [Int32] = [], draws: Int = 1, _ change: (inout SamplingParameters) -> Void = { _ in }
    ) throws -> [Int32] {
        var parameters = SamplingParameters()
        change(&parameters)
        var sampler = try Sampler(parameters)
        return try (0..<draws).map { _ in
            var copy = logits
            return try sampler.sample(&copy, history: history)
        }
    }

    @Test func greedyTakesLowestIdAmongEquals() throws {
        #expect(try sample([0, 3, 1, 3, -.infinity]) == [1])
        #expect(try sample([-5, -5]) == [0])
    }

    @Test func drawsFollowProbabilities() throws {
        // Probabilities 0.1, 0.2, 0.7 at temperature 1.
        let logits: [Float] = [0.1, 0.2, 0.7].map { Float(log($0)) }
        let draws = try sample(logits, draws: 20_000) { $0.temperature = 1 }
        for (id, probability) in [(0, 0.1), (1, 0.2), (2, 0.7)] {
            let share = Double(draws.count { $0 == id }) / 20_000
            #expect(abs(share - probability) < 0.015, "token \(id): \(share)")
        }
        // Squared and renormalised at temperature 0.5: 0.49 / 0.54.
        let sharper = try sample(logits, draws: 20_000) { $0.temperature = 0.5 }
        #expect(abs(Double(sharper.count { $0 == 2 }) / 20_000 - 0.907) < 0.015)
    }

    @Test func cutsKeepTheLikely() throws {
        let logits: [Float] = [0.05, 0.4, 0.25, 0.3].map { Float(log($0)) }
        func seen(_ change: (inout SamplingParameters) -> Void) throws -> Set<Int32> {
            Set(try sample(logits, draws: 2_000) { $0.temperature = 1; change(&$0) })
        }
        #expect(try seen { _ in } == [0, 1, 2, 3])
        #expect(try seen { $0.topK = 1 } == [1])
        #expect(try seen { $0.topK = 2 } == [1, 3])
        #expect(try seen { $0.topK = 9 } == [0, 1, 2, 3])
        #expect(try seen { $0.topP = 0.3 } == [1])
        #expect(try seen { $0.topP = 0.65 } == [1, 3])
        #expect(try seen { $0.topP = 0.9 } == [1, 2, 3])
        #expect(try seen { $0.minP = 0.7 } == [1, 3])
        #expect(try seen { $0.minP = 1 } == [1])
    }

    @Test func topKOfManyEqualsSorting() throws {
        var random = TestRandom(seed: 5)
        let logits = (0..<5_000).map { _ in (random.float() * 8).rounded() / 4 }
        let expected = Set(logits.indices.sorted { (-logits[$0], $0) < (-logits[$1], $1) }.prefix(40).map(Int32.init))
        let seen = Set(try sample(logits, draws: 5_000) { $0.temperature = 50; $0.topK = 40 })
        #expect(seen == expected)
    }

    @Test func whatIsExcludedIsNeverDrawn() throws {
        let logits: [Float] = [-.infinity, 0, -.infinity, -80, -.infinity]
        for change in [{ $0.topK = 4 }, { $0.topP = 0.999 }, { _ in }] as [(inout SamplingParameters) -> Void] {
            let draws = try sample(logits, draws: 2_000) { $0.temperature = 1000; change(&$0) }
            #expect(Set(draws) == [1, 3])
        }
    }

    @Test func seedDecides() throws {
        let logits = [Float](repeating: 0, count: 1000)
        func draw(_ seed: UInt64) throws -> [Int32] {
            try sample(logits, draws: 20) { $0.temperature = 1; $0.seed = seed }
        }
        #expect(try draw(1) == draw(1))
        #expect(try draw(1) != draw(2))
    }

    @Test func generatorHasPublishedValues() {
        // SplitMix64's first outputs for seed 0 are the state; the outputs follow from the published algorithm.
        var random = Xoshiro256(seed: 0)
        #expect(random.next() == 0x99EC_5F36_CB75_F2B4)
        #expect(random.next() == 0xBF6E_1F78_4956_452A)
    }

    @Test func repetitionIsPenalisedWithinTheWindow() throws {
        #expect(try sample([2, 3, -1], history: [1]) { $0.repetitionPenalty = 2 } == [0])
        #expect(try sample([2, 3, -1], history: [1, 2]) { $0.repetitionPenalty = 2; $0.repetitionWindow = 1 } == [1])
        #expect(try sample([-4, -3], history: [1]) { $0.repetitionPenalty = 2 } == [0])
        #expect(try sample([2, 3], history: [1, 99, -7]) { $0.repetitionPenalty = 2 } == [0])
    }

    @Test func refusesWhatIsNotANumber() {
        for bad in [[0, .nan], [.infinity, 0], [-.infinity, -.infinity], []] as [[Float]] {
            #expect(throws: GenerationError.self) { try sample(bad) }
            #expect(throws: GenerationError.self) { try sample(bad) { $0.temperature = 1 } }
        }
    }

    @Test func refusesOptionsWithoutMeaning() {
        #expect(throws: GenerationError.self) { try sample([0]) { $0.temperature = -1 } }
        #expect(throws: GenerationError.self) { try sample([0]) { $0.temperature = .nan } }
        #expect(throws: GenerationError.self) { try sample([0]) { $0.topK = -1 } }
        #expect(throws: GenerationError.self) { try sample([0]) { $0.topP = 0 } }
        #expect(throws: GenerationError.self) { try sample([0]) { $0.topP = 1.5 } }
        #expect(throws: GenerationError.self) { try sample([0]) { $0.minP = .nan } }
        #expect(throws: GenerationError.self) { try sample([0]) { $0.repetitionPenalty = 0 } }
        #expect(throws: GenerationError.self) { try sample([0]) { $0.repetitionWindow = -1 } }
    }
}
