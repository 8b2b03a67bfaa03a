/// A line of a GGUF file's tensor directory.
package struct GGUFTensorEntry: Sendable {
    package let name: String
    /// Row-major, outermost dimension first (the file holds it the other way round).
    package let shape: [Int]
    /// Name of the type, supported or not.
    package var typeName: String { ggmlTypeName(rawType) }
    let rawType: UInt32
    /// Bytes in the file. For a type that is not supported the length is unknown and the range empty.
    let range: Range<Int>

    /// Number of elements.
    package var elementCount: Int { shape.reduce(1, *) }

    /// Name length, dimension count, one dimension, type, offset.
    static let minimumBytes = 8 + 4 + 8 + 4 + 8

    /// Reads the directory and checks that every tensor lies inside the data section, aligned, and that no two
    /// share a byte.
    static func readAll(
        _ reader: inout ByteReader, count: Int, alignment: Int
    ) throws(ModelFileError) -> [String: GGUFTensorEntry] {
        var headers: [Header] = []
        headers.reserveCapacity(count)
        for _ in 0..<count { headers.append(try Header(&reader)) }

        // The data section begins at the next multiple of the alignment after the directory.
        let dataStart = (reader.offset + alignment - 1) & ~(alignment - 1)
        var entries: [String: GGUFTensorEntry] = [:]
        entries.reserveCapacity(count)
        for header in headers {
            let entry = try header.locate(dataStart: dataStart, alignment: alignment, file: reader.file)
            guard entries.updateValue(entry, forKey: entry.name) == nil else {
                throw .malformed(
                    file: reader.file.path, offset: header.position, reason: "tensor '\(entry.name)' appears twice")
            }
        }
        try checkOverlap(entries.values, path: reader.file.path)
        return entries
    }

    private static func checkOverlap(
        _ entries: Dictionary<String, GGUFTensorEntry>.Values, path: String
    ) throws(ModelFileError) {
        let sorted = entries.sorted { $0.range.lowerBound < $1.range.lowerBound }
        for (first, second) in zip(sorted, sorted.dropFirst()) where first.range.upperBound > second.range.lowerBound {
            throw .malformed(
                file: path, offset: second.range.lowerBound,
                reason: "tensors '\(first.name)' and '\(second.name)' overlap")
        }
    }
}

/// A directory line as the file holds it.
private struct Header {
    let position: Int
    let name: String
    let shape: [Int]
    let rawType: UInt32
    let offset: UInt64

    init(_ reader: inout ByteReader) throws(ModelFileError) {
        position = reader.offset
        name = try reader.name("a tensor name")
        let dimensions = try reader.integer(UInt32.self)
        guard (1...4).contains(dimensions) else {
            throw .malformed(
                file: reader.file.path, offset: position,
                reason: "tensor '\(name)' has \(dimensions) dimensions, not 1 to 4")
        }
        var shape: [Int] = []
        var elements = 1
        for _ in 0..<dimensions {
            let raw = try reader.integer(UInt64.self)
            let extent = Int(exactly: raw) ?? 0
            let (product, overflow) = elements.multipliedReportingOverflow(by: extent)
            guard extent > 0, !overflow else {
                throw .malformed(
                    file: reader.file.path, offset: position, reason: "tensor '\(name)' has a dimension of \(raw)")
            }
            elements = product
            shape.append(extent)
        }
        self.shape = shape.reversed()
        rawType = try reader.integer()
        offset = try reader.integer()
    }

    func locate(dataStart: Int, alignment: Int, file: FileBytes) throws(ModelFileError) -> GGUFTensorEntry {
        guard offset.isMultiple(of: UInt64(alignment)) else {
            throw .malformed(
                file: file.path, offset: position,
                reason: "tensor '\(name)' begins at \(offset), which is not a multiple of \(alignment)")
        }
        let bytes = try byteCount(file: file)
        let available = file.bytes.count - min(dataStart, file.bytes.count)
        let (end, overflow) = offset.addingReportingOverflow(UInt64(bytes))
        guard !overflow, end <= UInt64(available) else {
            throw .truncated(
                file: file.path, offset: dataStart, needed: overflow ? .max : end, available: available)
        }
        let start = dataStart + Int(offset)
        return GGUFTensorEntry(name: name, shape: shape, rawType: rawType, range: start..<start + bytes)
    }

    private func byteCount(file: FileBytes) throws(ModelFileError) -> Int {
        guard let type = TensorType(rawValue: rawType) else { return 0 }
        guard let bytes = type.byteCount(shape: shape) else {
            throw .malformed(
                file: file.path, offset: position,
                reason: "tensor '\(name)' of shape \(shape) cannot be stored as \(type.name)")
        }
        return bytes
    }
}
