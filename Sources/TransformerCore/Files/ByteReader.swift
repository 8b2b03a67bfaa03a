/// Reads little-endian values from the bytes of a file, checking every length before it is used.
struct ByteReader {
    let file: FileBytes
    private(set) var offset: Int

    init(file: FileBytes, offset: Int = 0) {
        self.file = file
        self.offset = offset
    }

    var remaining: Int { file.bytes.count - offset }

    /// Checks that `count` bytes are left, moves past them and returns where they begin.
    mutating func take(_ count: UInt64) throws(ModelFileError) -> Int {
        let start = offset
        guard count <= UInt64(remaining) else {
            throw .truncated(file: file.path, offset: start, needed: count, available: remaining)
        }
        offset = start + Int(count)
        return start
    }

    mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type = Value.self) throws(ModelFileError) -> Value {
        let start = try take(UInt64(MemoryLayout<Value>.size))
        return Value(littleEndian: file.bytes.loadUnaligned(fromByteOffset: start, as: Value.self))
    }

    mutating func float32() throws(ModelFileError) -> Float {
        Float(bitPattern: try integer())
    }

    mutating func float64() throws(ModelFileError) -> Double {
        Double(bitPattern: try integer())
    }

    /// A count of things that each take at least `minimumBytes`: a count that cannot fit in the rest of the
    /// file is refused here, before anything is reserved for it.
    mutating func count(ofAtLeast minimumBytes: Int) throws(ModelFileError) -> Int {
        let start = offset
        let count = try integer(UInt64.self)
        let (needed, overflow) = count.multipliedReportingOverflow(by: UInt64(minimumBytes))
        guard !overflow, needed <= UInt64(remaining) else {
            throw .truncated(
                file: file.path, offset: start, needed: overflow ? .max : needed, available: remaining)
        }
        return Int(count)
    }

    /// Bytes of a string stored as a 64-bit length and that many bytes.
    mutating func stringBytes() throws(ModelFileError) -> UnsafeRawBufferPointer {
        let length = try integer(UInt64.self)
        let start = try take(length)
        return UnsafeRawBufferPointer(rebasing: file.bytes[start..<offset])
    }

    /// A string that must be valid UTF-8 without control characters: names end up in messages on terminals.
    mutating func name(_ what: String) throws(ModelFileError) -> String {
        let start = offset
        let bytes = try stringBytes()
        guard bytes.count <= 65_535, let name = String(validating: bytes, as: UTF8.self), name.isPrintable else {
            throw .malformed(
                file: file.path, offset: start, reason: "\(what) is not printable UTF-8 of at most 65535 bytes")
        }
        return name
    }
}

extension String {
    /// True when no character is a control character.
    var isPrintable: Bool {
        unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }
}
