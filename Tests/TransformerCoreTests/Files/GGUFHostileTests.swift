import Testing

import TransformerCore

/// Files that lie about themselves. Each must give an error, never a crash or a large allocation.
@Suite struct GGUFHostileTests {
    private func sample() -> GGUFBuilder {
        var builder = GGUFBuilder()
        builder.add("general.architecture", .string("llama"))
        builder.add("list", .strings(["one", "two", "three"]))
        builder.add("nested", .array(type: 9, count: nil, [.int32s([1, 2, 3])]))
        builder.add("flag", .bool(false))
        builder.add("a", shape: [4, 8], floats: [Float](repeating: 1, count: 32))
        builder.add("b", shape: [8], floats: [Float](repeating: 2, count: 8))
        return builder
    }

    private func open(_ bytes: [UInt8]) throws -> GGUFFile {
        let temporary = try TemporaryFile(bytes)
        return try GGUFFile(path: temporary.path)
    }

    private func open(_ change: (inout GGUFBuilder) -> Void) throws -> GGUFFile {
        var builder = sample()
        change(&builder)
        return try open(builder.build())
    }

    @Test func truncatedAnywhere() throws {
        let bytes = sample().build()
        #expect(throws: Never.self) { try open(bytes) }
        for length in 1..<bytes.count {
            #expect(throws: ModelFileError.self, "cut to \(length) of \(bytes.count) bytes") {
                try open(Array(bytes.prefix(length)))
            }
        }
    }

    @Test(arguments: [1 << 63, UInt64.max, 1 << 62, 1 << 40, 1000])
    func countsThatCannotBe(count: UInt64) {
        #expect(throws: ModelFileError.self) { try open { $0.tensorCount = count } }
        #expect(throws: ModelFileError.self) { try open { $0.metadataCount = count } }
        #expect(throws: ModelFileError.self) { try open { $0.add("x", .array(type: 8, count: count, [])) } }
        #expect(throws: ModelFileError.self) { try open { $0.add("x", .array(type: 12, count: count, [])) } }
        #expect(throws: ModelFileError.self) { try open { $0.add("x", .array(type: 9, count: count, [])) } }
        #expect(throws: ModelFileError.self) { try open { $0.add("x", .raw(type: 8, littleEndian(count))) } }
        #expect(throws: ModelFileError.self) { try open { $0.offsets[1] = count } }
    }

    @Test(arguments: [[-1], [0], [1 << 62, 4], [1 << 32, 1 << 32], [Int.max], [4, 4, 4, 4, 4], []])
    func shapesThatCannotBe(shape: [Int]) {
        #expect(throws: ModelFileError.self) { try open { $0.tensors[1].shape = shape } }
    }

    @Test func rowsThatAreNotWholeBlocks() {
        #expect(throws: ModelFileError.self) { try open { $0.tensors[1].type = 3 } }
    }

    @Test func overlappingTensors() {
        #expect(throws: ModelFileError.self) { try open { $0.offsets[1] = 96 } }
        #expect(throws: ModelFileError.self) { try open { $0.offsets[1] = 0 } }
    }

    @Test func misalignedTensor() {
        #expect(throws: ModelFileError.self) { try open { $0.offsets[0] = 4 } }
    }

    @Test(arguments: [0, 1, 4, 12, 1 << 20] as [UInt32])
    func alignmentThatCannotBe(alignment: UInt32) {
        #expect(throws: ModelFileError.self) { try open { $0.add("general.alignment", .uint32(alignment)) } }
        #expect(throws: ModelFileError.self) { try open { $0.add("general.alignment", .string("32")) } }
    }

    @Test func alignmentOfItsOwn() throws {
        let file = try open {
            $0.alignment = 128
            $0.add("general.alignment", .uint32(128))
        }
        #expect(try file.tensor("b").data.load(as: Float.self) == 2)
    }

    @Test func duplicates() {
        #expect(throws: ModelFileError.self) { try open { $0.add("flag", .bool(true)) } }
        #expect(throws: ModelFileError.self) { try open { $0.add("a", shape: [1], floats: [1]) } }
    }

    @Test func valuesThatAreNone() {
        #expect(throws: ModelFileError.self) { try open { $0.add("x", .raw(type: 13, [])) } }
        #expect(throws: ModelFileError.self) { try open { $0.add("x", .raw(type: 7, [2])) } }
        #expect(throws: ModelFileError.self) { try open { $0.add("x", .array(type: 99, count: nil, [])) } }
        #expect(throws: ModelFileError.self) { try open { $0.add("x\u{1B}[31m", .bool(true)) } }
    }

    @Test func arraysWithoutBottom() {
        var value = GGUFBuilder.Value.int32s([1])
        for _ in 0..<100_000 { value = .raw(type: 9, littleEndian(9 as UInt32) + littleEndian(1 as UInt64) + [0]) }
        #expect(throws: ModelFileError.self) { try open { $0.add("x", value) } }
        var bytes: [UInt8] = []
        for _ in 0..<100_000 { bytes += littleEndian(9 as UInt32) + littleEndian(1 as UInt64) }
        #expect(throws: ModelFileError.self) { try open { $0.add("x", .raw(type: 9, bytes)) } }
    }

    @Test func otherVersionsAndByteOrders() {
        for version in [0, 1, 4, 3 as UInt32] .map({ $0 == 3 ? $0.byteSwapped : $0 }) {
            #expect(throws: ModelFileError.self) { try open { $0.version = version } }
        }
        #expect(throws: ModelFileError.self) { try open(Array("PK\u{3}\u{4}............................".utf8)) }
    }

    @Test func tenThousandMutations() throws {
        let original = sample().build()
        let temporary = try TemporaryFile()
        var random = TestRandom(seed: 20)
        var opened = 0
        for _ in 0..<10_000 {
            try temporary.write(mutated(original, using: &random))
            guard let file = try? GGUFFile(path: temporary.path) else { continue }
            opened += 1
            for value in file.metadata.values {
                _ = value.description
                _ = value.array?.strings
                _ = value.array?.integers
                _ = value.array?.floats
            }
            for name in file.tensorNames {
                guard let tensor = try? file.tensor(name) else { continue }
                _ = tensor.data.reduce(0 as UInt8, &+)
            }
        }
        // The test means nothing if damage is always noticed at the first byte.
        #expect(opened > 500)
    }
}
