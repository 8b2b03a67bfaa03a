import Foundation

/// The float32 rows of a NumPy file (.npy, versions 1 to 3, C order), mapped.
struct VectorFile {
    let count: Int
    let dimension: Int
    private let data: Data
    private let start: Int

    init(_ path: String) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        func fail(_ what: String) -> Failure { Failure("\(path): \(what)") }
        guard data.count > 12, data.prefix(6) == Data([0x93] + "NUMPY".utf8) else { throw fail("not an .npy file") }
        let wide = data[6] > 1
        let headerSize = (0..<(wide ? 4 : 2)).reduce(0) { $0 | Int(data[8 + $1]) << (8 * $1) }
        let start = (wide ? 12 : 10) + headerSize
        guard data.count >= start else { throw fail("the header is cut off") }
        let header = String(decoding: data[(wide ? 12 : 10)..<start], as: UTF8.self)
        guard header.contains("'<f4'"), header.contains("'fortran_order': False") else {
            throw fail("not float32 in C order: convert it with numpy.ascontiguousarray(a, 'float32')")
        }
        let shape = header.split(separator: "(").dropFirst().first?.split(separator: ")").first?
            .split(separator: ",").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) } ?? []
        guard shape.count == 2, shape[1] > 0, shape[1] <= 65_536, shape[0] >= 0, shape[0] <= (data.count - start) / (4 * shape[1])
        else { throw fail("its shape \(shape) does not fit its size") }
        (self.data, self.start, count, dimension) = (data, start, shape[0], shape[1])
    }

    subscript(row: Int) -> [Float] {
        let from = start + 4 * dimension * row
        return [Float](unsafeUninitializedCapacity: dimension) { buffer, count in
            data.copyBytes(to: UnsafeMutableRawBufferPointer(buffer), from: from..<(from + 4 * dimension))
            count = dimension
        }
    }
}

struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
