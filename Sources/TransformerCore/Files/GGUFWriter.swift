import Foundation

/// Writes a GGUF file, version 3: metadata, the directory of tensors, then their data as they come.
///
/// The file appears under its name when `finish()` has been called; before, it lies beside it.
final class GGUFWriter {
    /// What the directory says about a tensor, in the order in which data follow.
    struct Entry {
        let name: String
        /// Row-major, outermost dimension first.
        let shape: [Int]
        let type: TensorType
        let byteCount: Int
    }

    private let destination: URL
    private let temporary: URL
    private let handle: FileHandle
    private let alignment: Int
    private var written = 0
    private var finished = false

    /// - Parameters:
    ///   - metadata: entries as a file holds them: key, type, value.
    ///   - alignment: what the metadata says, or 32.
    /// - Throws: what the system says about the file.
    init(to destination: URL, metadata: [Data], entries: [Entry], alignment: Int) throws {
        self.destination = destination
        self.alignment = alignment
        temporary = destination.deletingLastPathComponent()
            .appendingPathComponent(".\(destination.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier).part")
        try Data().write(to: temporary)
        handle = try FileHandle(forWritingTo: temporary)
        var header = Data("GGUF".utf8)
        header.append(integer: UInt32(3))
        header.append(integer: UInt64(entries.count))
        header.append(integer: UInt64(metadata.count))
        for entry in metadata { header.append(entry) }
        var offset = 0
        for entry in entries {
            header.append(string: entry.name)
            header.append(integer: UInt32(entry.shape.count))
            for extent in entry.shape.reversed() { header.append(integer: UInt64(extent)) }
            header.append(integer: entry.type.rawValue)
            header.append(integer: UInt64(offset))
            offset += entry.byteCount.rounded(up: alignment)
        }
        header.append(Data(count: header.count.rounded(up: alignment) - header.count))
        try handle.write(contentsOf: header)
    }

    deinit {
        try? handle.close()
        if !finished { try? FileManager.default.removeItem(at: temporary) }
    }

    /// Bytes of the current tensor.
    func append(_ bytes: UnsafeRawBufferPointer) throws {
        try handle.write(contentsOf: Data(bytes))
        written += bytes.count
    }

    /// Fills up to where the next tensor begins.
    func endTensor() throws {
        let padding = written.rounded(up: alignment) - written
        try handle.write(contentsOf: Data(count: padding))
        written += padding
    }

    /// Gives the file its name.
    func finish() throws {
        try handle.synchronize()
        guard rename(temporary.path, destination.path) == 0 else {
            throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: destination.path])
        }
        finished = true
    }
}

extension Data {
    /// A metadata entry whose value is a 32-bit unsigned integer.
    static func metadataEntry(_ key: String, _ value: UInt32) -> Data {
        var entry = Data()
        entry.append(string: key)
        entry.append(integer: GGUFValueType.uint32.rawValue)
        entry.append(integer: value)
        return entry
    }

    fileprivate mutating func append<Value: FixedWidthInteger>(integer: Value) {
        Swift.withUnsafeBytes(of: integer.littleEndian) { append(contentsOf: $0) }
    }

    fileprivate mutating func append(string: String) {
        append(integer: UInt64(string.utf8.count))
        append(contentsOf: string.utf8)
    }
}

extension Int {
    fileprivate func rounded(up step: Int) -> Int { (self + step - 1) / step * step }
}
