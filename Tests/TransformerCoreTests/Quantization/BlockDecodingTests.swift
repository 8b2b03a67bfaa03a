import CKernels
import Testing

import TransformerCore

/// Every stored format, against what the `gguf` package reads (Fixtures/make_blocks_golden.py).
@Suite struct BlockDecodingTests {
    @Test func everyFormatEqualsTheReferenceInEveryBit() throws {
        var fixture = try Fixture("blocks_golden.bin")
        var seen: Set<TensorType> = []
        while !fixture.isAtEnd {
            let type = try #require(TensorType(rawValue: fixture.next()))
            let count = Int(fixture.next(UInt32.self))
            let bytes: [UInt8] = fixture.array(Int(fixture.next(UInt32.self)))
            let expected = fixture.array(count, of: UInt32.self)
            #expect(type.bytes(for: count) == bytes.count)
            let tensor = Tensor(bytes: bytes, shape: [count], type: type)
            onEachInstructionSet { isa in
                #expect(tensor.floats()?.map(\.bitPattern) == expected, "\(type) \(isa)")
            }
            seen.insert(type)
        }
        #expect(seen == Set(TensorType.allCases))
    }

    @Test func sizesAreThoseOfTheKernels() {
        for type in TensorType.allCases {
            let kernel = ck_type(rawValue: type.rawValue)
            #expect(ck_block_elements(kernel) == type.blockSize)
            #expect(ck_block_bytes(kernel) == type.blockBytes)
        }
    }
}
