import CKernels
import Testing

@Suite("Kernels of the index")
struct KernelTests {
    private static let sizes = [1, 7, 17, 63, 64, 65, 128, 384, 1_023]

    @Test("8-bit products of several rows, on every instruction set", arguments: sizes)
    func products(count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        func row() -> [Int8] { (0..<count).map { _ in Int8.random(in: -127...127, using: &generator) } }
        let (query, rows) = (row(), (0..<11).map { _ in row() } + [[Int8](repeating: 127, count: count), [Int8](repeating: -127, count: count)])
        let expected = rows.map { row in zip(query, row).reduce(Int32(0)) { $0 + Int32($1.0) * Int32($1.1) } }
        for isa in 0...5 {
            _ = ck_use_isa_on_thread(ck_isa(rawValue: UInt32(isa)))
            for number in 0...rows.count {
                var results = [Int32](repeating: -1, count: rows.count + 1)
                let copies = rows.map { row in
                    let copy = UnsafeMutablePointer<Int8>.allocate(capacity: count)
                    copy.initialize(from: row, count: count)
                    return copy
                }
                defer { copies.forEach { $0.deallocate() } }
                ck_dots_i8(query, copies.map { UnsafePointer($0) as UnsafePointer<Int8>? }, number, count, &results)
                #expect(Array(results.prefix(number)) == Array(expected.prefix(number)))
                #expect(results[number] == -1)
            }
        }
        _ = ck_use_isa_on_thread(ck_best_isa())
    }

    @Test("vectors are split and joined within a rounding", arguments: sizes)
    func parts(count: Int) {
        var generator = SeededGenerator(seed: UInt64(count) + 5)
        for size: Float in [1, 1e-20, 1e20, 0] {
            let vector = (0..<count).map { _ in size * Float.random(in: -1...1, using: &generator) }
            var (high, low, joined) = ([Int8](repeating: 0, count: count), [Int16](repeating: 0, count: count), [Float](repeating: 0, count: count))
            let scale = ck_split_f32(vector, count, &high, &low)
            ck_join_f32(high, low, count, scale, &joined)
            var code = [Int8](repeating: 0, count: count)
            #expect(ck_quantize_i8(vector, count, &code) == scale)
            for index in 0..<count {
                // What is joined is rounded to a Float32 again.
                let rounding = Double(scale) / 131_072 * 1.01 + Double(vector[index].ulp)
                #expect(abs(Double(vector[index]) - Double(joined[index])) <= rounding)
                #expect(abs(Int(high[index]) - Int(code[index])) <= 1)
            }
        }
    }

    @Test("CRC-32C of the published example, and in pieces", arguments: sizes)
    func checksum(count: Int) {
        #expect(ck_crc32c(0, Array("123456789".utf8), 9) == 0xE306_9283)
        var generator = SeededGenerator(seed: UInt64(count))
        let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let whole = ck_crc32c(0, bytes, count)
        _ = ck_use_isa_on_thread(CK_ISA_SCALAR)
        #expect(ck_crc32c(0, bytes, count) == whole)
        _ = ck_use_isa_on_thread(ck_best_isa())
        let half = count / 2
        #expect(bytes.withUnsafeBytes { ck_crc32c(ck_crc32c(0, $0.baseAddress, half), $0.baseAddress.map { $0 + half }, count - half) } == whole)
    }
}
