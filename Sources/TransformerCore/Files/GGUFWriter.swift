/// Writes a GGUF file (version 3): metadata, the list of tensors, then their data, one tensor after the other, so that
/// no more than one is in memory.
package struct GGUFWriter {
    /// A metadata value, in the types that other readers expect.
    package enum Value: Sendable, Equatable {
        case uint32(UInt32)
        case float32(Float)
        case bool(Bool)
        case string(String)
        case strings([String])
        case int32s([Int32])
        case float32s([Float])
        case bools([Bool])
        case bytes([UInt8])
    }

    /// A tensor whose data are made when it is its turn.
    package struct Entry {
        package let name: String
        /// Row-major, outermost dimension first.
        package let shape: [Int]
        package let type: TensorType
        package let make: @Sendable () throws -> Tensor

        package init(name: String, shape: [Int], type: TensorType, make: @escaping @Sendable () throws -> Tensor) {
            self.name = name
            self.shape = shape
            self.type = type
            self.make = make
        }
    }

    package var metadata: [(key: String, value: Value)] = []
    package var tensors: [Entry] = []
    /// Metadata entries in the bytes of another file: key, type, value. They come before `metadata`.
    private let stored: [UnsafeRawBufferPointer]
    private let alignment: Int

    package init() {
        stored = []
        alignment = 32
    }

    /// - Parameters:
    ///   - stored: metadata entries as they stand in a file, which must outlive the writer.
    ///   - alignment: what these say of tensors' data, or 32.
    init(stored: [UnsafeRawBufferPointer], alignment: Int) {
        self.stored = stored
        self.alignment = max(1, alignment)
    }

    package mutating func set(_ key: String, _ value: Value) {
        metadata.removeAll { $0.key == key }
        metadata.append((key, value))
    }

    /// Writes the file beside its place and moves it there when it is whole.
    ///
    /// - Parameter progress: called after each tensor with how many are done.
    /// - Throws: `ModelFileError.unwritable`, and what making a tensor throws.
    package func write(to path: String, progress: (Int) -> Void = { _ in }) throws {
        let file = try OutputFile(path: path)
        try file.write(header())
        for (index, entry) in tensors.enumerated() {
            let tensor = try entry.make()
            let size = entry.type.bytes(for: entry.shape.reduce(1, *))
            guard tensor.type == entry.type, tensor.data.count >= size else {
                throw ModelFileError.wrongShape(
                    file: path, tensor: entry.name, found: tensor.shape, expected: entry.shape)
            }
            try withExtendedLifetime(tensor.owner) {
                try file.write(UnsafeRawBufferPointer(rebasing: tensor.data[0..<size]))
            }
            try file.write([UInt8](repeating: 0, count: padding(size)))
            progress(index + 1)
        }
        try file.finish()
    }

    private func padding(_ size: Int) -> Int { (alignment - size % alignment) % alignment }

    /// The entries of `metadata` as the file holds them.
    func metadataBytes() -> [UInt8] {
        var bytes: [UInt8] = []
        for (key, value) in metadata {
            bytes.put(key)
            bytes.put(value)
        }
        return bytes
    }

    /// Everything before the tensors' data, padded.
    private func header() -> [UInt8] {
        var bytes = Array("GGUF".utf8)
        bytes.put(UInt32(3))
        bytes.put(UInt64(tensors.count))
        bytes.put(UInt64(stored.count + metadata.count))
        for entry in stored { bytes += entry }
        bytes += metadataBytes()
        var offset = 0
        for entry in tensors {
            bytes.put(entry.name)
            bytes.put(UInt32(entry.shape.count))
            for dimension in entry.shape.reversed() { bytes.put(UInt64(dimension)) }
            bytes.put(entry.type.rawValue)
            bytes.put(UInt64(offset))
            let size = entry.type.bytes(for: entry.shape.reduce(1, *))
            offset += size + padding(size)
        }
        return bytes + [UInt8](repeating: 0, count: padding(bytes.count))
    }
}

extension [UInt8] {
    fileprivate mutating func put(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    fileprivate mutating func put(_ string: String) {
        put(UInt64(string.utf8.count))
        append(contentsOf: string.utf8)
    }

    private mutating func put<Item>(
        _ elements: [Item], _ type: GGUFValueType, _ put: (inout [UInt8], Item) -> Void
    ) {
        self.put(GGUFValueType.array.rawValue)
        self.put(type.rawValue)
        self.put(UInt64(elements.count))
        for element in elements { put(&self, element) }
    }

    fileprivate mutating func put(_ value: GGUFWriter.Value) {
        switch value {
        case .uint32(let value):
            put(GGUFValueType.uint32.rawValue)
            put(value)
        case .float32(let value):
            put(GGUFValueType.float32.rawValue)
            put(value.bitPattern)
        case .bool(let value):
            put(GGUFValueType.bool.rawValue)
            put(UInt8(value ? 1 : 0))
        case .string(let value):
            put(GGUFValueType.string.rawValue)
            put(value)
        case .strings(let values): put(values, .string) { $0.put($1) }
        case .int32s(let values): put(values, .int32) { $0.put($1) }
        case .float32s(let values): put(values, .float32) { $0.put($1.bitPattern) }
        case .bools(let values): put(values, .bool) { $0.put(UInt8($1 ? 1 : 0)) }
        case .bytes(let values): put(values, .uint8) { $0.put($1) }
        }
    }
}
