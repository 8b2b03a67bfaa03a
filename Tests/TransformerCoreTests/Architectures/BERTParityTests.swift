import Testing

import TransformerCore

/// all-MiniLM-L6-v2 against sentence-transformers on the passages of `make_minilm_golden.py`.
@Suite(.enabled(if: TestModels.hasMiniLM)) struct BERTParityTests {
    private struct Golden {
        var sequences: [[Int32]] = []
        var vectors: [[Float]] = []

        init() throws {
            var fixture = try Fixture("minilm_embeddings.bin")
            let count = Int(fixture.next(UInt32.self))
            let dimension = Int(fixture.next(UInt32.self))
            for _ in 0..<count {
                let length = Int(fixture.next(UInt16.self))
                sequences.append(fixture.ids(length))
                vectors.append(fixture.halves(dimension))
            }
            #expect(fixture.isAtEnd)
        }
    }

    @Test(arguments: [
        (ComputePrecision.exact, mean: 0.9999, minimum: 0.9999), (.fast, mean: 0.9999, minimum: 0.9999),
        (.int8, mean: 0.999, minimum: 0.997),
    ])
    func cosineToReference(precision: ComputePrecision, mean: Double, minimum: Double) throws {
        let golden = try Golden()
        let encoder = try BERTEncoder(folder: TestModels.miniLM, precision: precision)
        #expect(encoder.dimension == 384)
        #expect(encoder.maximumTokens == 256)
        let output = try encoder.embed(tokenIDs: golden.sequences)

        let cosines = golden.vectors.indices.map { index in
            cosine(Array(output[index * 384..<(index + 1) * 384]), golden.vectors[index])
        }
        let average = cosines.reduce(0, +) / Double(cosines.count)
        let lowest = cosines.min() ?? 0
        print("MiniLM, \(precision): cosine to sentence-transformers mean \(average), minimum \(lowest)")
        #expect(average >= mean)
        #expect(lowest >= minimum)
    }

    @Test func oneByOneEqualsTogether() throws {
        let golden = try Golden()
        let encoder = try BERTEncoder(folder: TestModels.miniLM, precision: .exact)
        let sequences = Array(golden.sequences.prefix(24))
        let together = try encoder.embed(tokenIDs: sequences)
        for (index, sequence) in sequences.enumerated() {
            let alone = try encoder.embed(tokenIDs: [sequence])
            let difference = zip(alone, together[index * 384..<(index + 1) * 384]).map { abs($0 - $1) }.max() ?? 1
            #expect(difference < 1e-5, "passage \(index)")
        }
    }
}

func cosine(_ a: [Float], _ b: [Float]) -> Double {
    var dot = 0.0
    var lengthA = 0.0
    var lengthB = 0.0
    for (x, y) in zip(a, b) {
        dot += Double(x) * Double(y)
        lengthA += Double(x) * Double(x)
        lengthB += Double(y) * Double(y)
    }
    return dot / (lengthA * lengthB).squareRoot()
}
