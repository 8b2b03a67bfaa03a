import Foundation
import Testing

import TransformerCore

/// Largest difference of the fast path to the exact one, relative to the root mean square, on `make_tiny_bert.py`.
let fastTolerance: Float = 0.12

/// Readings of small random models against transformers; see `make_tiny_bert.py`.
@Suite struct BERTReaderTests {
    private let fixture: PairFixture
    private let folder: TemporaryFolder

    init() throws {
        fixture = try PairFixture.load()
        folder = try fixture.folder("tiny_bert.bin", architectures: ["BertModel"])
    }

    private func reader(
        _ adapters: [UInt8]? = nil, precision: ComputePrecision = .exact
    ) throws -> BERTReader {
        let bytes = try adapters ?? PairFixture.bytes("tiny_reader.bin")
        return try BERTReader(
            path: folder.url.path, adapters: SafetensorsFile(bytes: bytes, name: "reader"), precision: precision)
    }

    private func flat(_ readings: [BERTReader.Reading]) -> [Float] {
        readings.flatMap { $0.begin + $0.end + [$0.answers] }
    }

    private var expected: [Float] { fixture.readings.flatMap { $0.begin + $0.end + [$0.answers] } }

    @Test func readsAsTheReference() throws {
        let actual = flat(try reader().read(fixture.pairs))
        let difference = relativeError(actual, expected)
        print("reader, exact: largest difference to transformers \(difference)")
        #expect(difference <= 1e-4)
    }

    /// Where the hardware has 16-bit products. Weights are far larger than a trained model's, so rounding shows: with
    /// factors rounded to bfloat16 in transformers the difference is 0.04.
    @Test func fastIsClose() throws {
        let exact = flat(try reader().read(fixture.pairs))
        let fast = flat(try reader(precision: .fast).read(fixture.pairs))
        let difference = relativeError(fast, exact)
        print("reader, fast: largest difference to exact \(difference)")
        #expect(difference <= fastTolerance)
    }

    @Test func readingsHaveOneRowForEachTokenOfTheSecondText() throws {
        for (reading, pair) in zip(try reader().read(fixture.pairs), fixture.pairs) {
            #expect(reading.begin.count == pair.tokenIDs.count - pair.secondSegment)
            #expect(reading.end.count == reading.begin.count)
        }
        #expect(try reader().read([]).isEmpty)
    }

    @Test func aPairReadsTheSameInAnyCompany() throws {
        let reader = try reader()
        var random = TestRandom(seed: 12)
        let many = (0..<120).map { _ in fixture.pairs[Int.random(in: 0..<fixture.pairs.count, using: &random)] }
        let together = try reader.read(many, pool: ComputePool(threads: 3))
        for (pair, reading) in zip(many, together) {
            let alone = try reader.read([pair], pool: ComputePool(threads: 1))
            #expect(relativeError(flat([reading]), flat(alone)) < 1e-5)
        }
    }

    @Test func tokenTypesAndAdaptersMatter() throws {
        var pair = fixture.pairs[1]
        let before = try reader().read([pair])[0].answers
        pair.secondSegment -= 2
        #expect(abs(try reader().read([pair])[0].answers - before) > 1e-3)

        var file = try SafetensorsBuilder(SafetensorsFile(path: PairFixture.url("tiny_reader.bin").path))
        file.tensors.removeAll { $0.name.hasPrefix("layers.") }
        let plain = flat(try reader(file.build()).read(fixture.pairs))
        #expect(relativeError(plain, expected) > 0.1)
    }

    /// The merged weight equals the low-rank product computed element by element.
    @Test func mergingEqualsTheDefinition() throws {
        var numbers = TestNumbers(seed: 5)
        let (outputs, inputs, rank) = (33, 40, 3)
        let (a, b) = (numbers.floats(rank * inputs), numbers.floats(outputs * rank))
        let scale: Float = 0.5
        for type in [TensorType.f32, .f16, .bf16] {
            let weight = numbers.tensor(type, shape: [outputs, inputs])
            var file = SafetensorsBuilder()
            file.tensors = [("w.a", [rank, inputs], a), ("w.b", [outputs, rank], b)]
            let adapters = LowRankAdapters(
                try SafetensorsFile(bytes: file.build(), name: "adapters"), suffixes: .init(a: ".a", b: ".b"),
                scale: scale)
            let merged = try adapters.merged(weight, name: "w").floats() ?? []
            let plain = weight.floats() ?? []
            let expected = (0..<outputs * inputs).map { index in
                let (output, input) = (index / inputs, index % inputs)
                return plain[index] + (0..<rank).reduce(0) { $0 + scale * b[output * rank + $1] * a[$1 * inputs + input] }
            }
            #expect(relativeError(merged, expected) < 1e-6)
            #expect(try adapters.merged(weight, name: "other").floats() == plain)
        }
    }

    @Test func bytesOfTheProgramAreNotCopied() throws {
        let bytes = try PairFixture.bytes("tiny_reader.bin")
        for shift in 0..<4 {
            let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count + shift, alignment: 64)
            defer { memory.deallocate() }
            let slice = UnsafeMutableRawBufferPointer(rebasing: memory[shift...])
            slice.copyBytes(from: bytes)
            let file = try SafetensorsFile(staticBytes: UnsafeRawBufferPointer(slice), name: "reader")
            let data = try file.tensor("outputs.weight").data
            // Where single precision would lie across its boundaries, a copy is handed out.
            #expect((data.baseAddress.map { memory.contains($0) } ?? false) == (shift == 0))
            let reader = try BERTReader(path: folder.url.path, adapters: file, precision: .exact)
            #expect(relativeError(flat(try reader.read(fixture.pairs)), expected) <= 1e-4)
        }
    }

    @Test func pairsAreChecked() throws {
        let reader = try reader()
        #expect(reader.maximumTokens == 64)
        #expect(throws: EncoderError.tooLong(index: 1, tokens: 65, limit: 64)) {
            try reader.read([fixture.pairs[0], .init(tokenIDs: [Int32](repeating: 5, count: 65), secondSegment: 3)])
        }
        #expect(throws: EncoderError.emptySequence(index: 0)) { try reader.read([.init(tokenIDs: [], secondSegment: 0)]) }
        #expect(throws: EncoderError.tokenOutOfRange(id: 70, vocabularyCount: 70)) {
            try reader.read([.init(tokenIDs: [70], secondSegment: 1)])
        }
        for border in [-1, 3, Int.max] {
            #expect(throws: EncoderError.segmentOutOfRange(index: 0, secondSegment: border, tokens: 2)) {
                try reader.read([.init(tokenIDs: [1, 2], secondSegment: border)])
            }
        }
        #expect(try reader.read([.init(tokenIDs: [1, 2], secondSegment: 2)])[0].begin.isEmpty)
    }

    @Test func tokensOfASecondTextAreNotEmbedded() throws {
        let encoder = try BERTEncoder(folder: folder.url.path, precision: .exact)
        #expect(throws: Never.self) { try encoder.embed(tokenIDs: fixture.pairs.map(\.tokenIDs)) }
    }
}

extension UnsafeMutableRawBufferPointer {
    fileprivate func contains(_ pointer: UnsafeRawPointer) -> Bool {
        guard let base = baseAddress else { return false }
        return pointer >= UnsafeRawPointer(base) && pointer < UnsafeRawPointer(base + count)
    }
}
