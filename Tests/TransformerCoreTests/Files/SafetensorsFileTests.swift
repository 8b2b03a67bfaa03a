import Testing

import TransformerCore

@Suite struct SafetensorsFileTests {
    private func bytes(header: String, data: [UInt8], length: UInt64? = nil) -> [UInt8] {
        littleEndian(length ?? UInt64(header.utf8.count)) + Array(header.utf8) + data
    }

    private func open(_ header: String, data: [UInt8] = [UInt8](repeating: 0, count: 64), length: UInt64? = nil) throws
        -> SafetensorsFile
    {
        let temporary = try TemporaryFile(bytes(header: header, data: data, length: length))
        return try SafetensorsFile(path: temporary.path)
    }

    private let sample = """
        {"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},\
        "b":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]},"ids":{"dtype":"I64","shape":[1,2],"data_offsets":[32,48]}}
        """

    @Test(arguments: ["", " ", "       "])
    func readsTensorsAtAnyAlignment(padding: String) throws {
        let values: [Float] = [1, 2, 3, 4, 5, 6]
        let data = values.flatMap { littleEndian($0.bitPattern) } + [UInt8](repeating: 3, count: 24)
        let file = try open(sample + padding, data: data)
        let a = try file.tensor("a", shape: [2, 3])
        #expect(Array(a.data.bindMemory(to: Float.self)) == values)
        #expect(Int(bitPattern: a.data.baseAddress) % 4 == 0)
        #expect(try file.tensor("b").type == .bf16)
        #expect(file.tensorNames.sorted() == ["a", "b", "ids"])
    }

    @Test func namesUnsupportedType() throws {
        let file = try open(sample)
        #expect { try file.tensor("ids") } throws: { error in
            guard case .unsupportedTensorType(_, "ids", "I64", ["BF16", "F16", "F32"])? = error as? ModelFileError else {
                return false
            }
            return true
        }
        #expect(throws: ModelFileError.self) { try file.tensor("c") }
    }

    @Test(arguments: [
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,12]}}"#,
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[60,68]}}"#,
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#,
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#,
        #"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#,
        #"{"a":{"dtype":"F32","shape":[1e400],"data_offsets":[0,8]}}"#,
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551615]}}"#,
        #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#,
        #"{"a":{"dtype":"F32"}}"#, #"{"a":1}"#, "[]", "", "{", "null", "\u{0}",
        #"{"a\u001b[2J":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
    ])
    func hostileHeaders(header: String) {
        #expect(throws: ModelFileError.self) { try open(header) }
    }

    @Test(arguments: [0, 1 << 63, UInt64.max, 100_000_001, 10_000])
    func hostileLengths(length: UInt64) {
        #expect(throws: ModelFileError.self) { try open(sample, length: length) }
    }

    @Test func bracketsWithoutEnd() {
        #expect(throws: ModelFileError.self) { try open(String(repeating: "[", count: 1_000_000)) }
        #expect(throws: ModelFileError.self) { try open(String(repeating: #"{"a":"#, count: 200_000)) }
    }

    @Test func truncatedAnywhere() throws {
        let whole = bytes(header: sample, data: [UInt8](repeating: 0, count: 48))
        for length in 1..<whole.count {
            let temporary = try TemporaryFile(Array(whole.prefix(length)))
            #expect(throws: ModelFileError.self, "cut to \(length)") { try SafetensorsFile(path: temporary.path) }
        }
    }

    @Test func fiveThousandMutations() throws {
        let original = bytes(header: sample, data: [UInt8](repeating: 0, count: 64))
        let temporary = try TemporaryFile()
        var random = TestRandom(seed: 21)
        var opened = 0
        for _ in 0..<5_000 {
            try temporary.write(mutated(original, using: &random))
            guard let file = try? SafetensorsFile(path: temporary.path) else { continue }
            opened += 1
            for name in file.tensorNames {
                guard let tensor = try? file.tensor(name) else { continue }
                _ = tensor.data.reduce(0 as UInt8, &+)
            }
        }
        #expect(opened > 200)
    }
}
