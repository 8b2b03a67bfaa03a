/// A model file in GGML's GGUF format, versions 2 and 3, mapped into memory.
///
/// Opening reads the header alone and checks each number in it against the file's size: what this type hands out
/// lies inside the file. Tensors of a type that is not supported are listed and refused when asked for.
///
/// Specification: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
package final class GGUFFile: TensorSource {
    package let version: UInt32
    package let metadata: [String: GGUFValue]
    /// Bytes of each metadata entry, its key included.
    private let metadataRanges: [String: Range<Int>]
    /// What the file's directory says about each tensor, by name.
    package let tensors: [String: GGUFTensorEntry]
    private let file: FileBytes
    /// Makes the tensors of a file that was never written; see `init(converting:)`.
    private let makers: [String: @Sendable () throws -> Tensor]

    package var path: String { file.path }
    package var tensorNames: [String] { Array(tensors.keys) }

    /// Bytes of the whole file.
    package var byteCount: Int { file.bytes.count }

    /// Opens and checks a file. Throws `ModelFileError`.
    package convenience init(path: String) throws(ModelFileError) {
        try self.init(FileBytes(MappedFile(path: path)))
    }

    /// Checks a copy of the bytes of a file. `name` stands for the path in messages. Throws `ModelFileError`.
    package convenience init(bytes: [UInt8], name: String) throws(ModelFileError) {
        let copy = bytes.withUnsafeBytes { AlignedBytes(copying: $0) }
        try self.init(FileBytes(copy.bytes, name: name, owner: copy))
    }

    private init(_ file: FileBytes) throws(ModelFileError) {
        let path = file.path
        var reader = ByteReader(file: file)
        let version = try Self.readVersion(&reader)
        let tensorCount = try reader.count(ofAtLeast: GGUFTensorEntry.minimumBytes)
        let metadataCount = try reader.count(ofAtLeast: 8 + 4 + 1)

        var parser = GGUFMetadataParser(reader: reader)
        let metadata = try parser.parse(count: metadataCount)
        reader = parser.reader

        self.file = file
        self.version = version
        self.metadata = metadata
        self.metadataRanges = parser.ranges
        self.tensors = try GGUFTensorEntry.readAll(
            &reader, count: tensorCount, alignment: try Self.alignment(metadata, path: path))
        makers = [:]
    }

    /// The file that conversion would write of a published model, without writing it: weights that conversion leaves
    /// as they are stay mapped, the others are made when they are asked for.
    ///
    /// - Parameter folder: stands for the path in messages.
    /// - Throws: `ModelFileError`.
    package init(converting writer: GGUFWriter, folder: String) throws(ModelFileError) {
        let header = writer.metadataBytes()
        let copy = header.withUnsafeBytes { AlignedBytes(copying: $0) }
        file = FileBytes(copy.bytes, name: folder, owner: copy)
        var parser = GGUFMetadataParser(reader: ByteReader(file: file))
        version = 3
        metadata = try parser.parse(count: writer.metadata.count)
        metadataRanges = parser.ranges
        var entries: [String: GGUFTensorEntry] = [:]
        for entry in writer.tensors {
            entries[entry.name] = GGUFTensorEntry(
                name: entry.name, shape: entry.shape, rawType: entry.type.rawValue, range: 0..<0)
        }
        tensors = entries
        makers = Dictionary(writer.tensors.map { ($0.name, $0.make) }) { first, _ in first }
    }

    /// The metadata entries as the file holds them, in its order, for writing another file like it.
    func rawMetadata(except keys: Set<String>) -> [UnsafeRawBufferPointer] {
        metadataRanges.filter { !keys.contains($0.key) }.values.sorted { $0.lowerBound < $1.lowerBound }
            .map { UnsafeRawBufferPointer(rebasing: file.bytes[$0]) }
    }

    package func contains(tensor name: String) -> Bool {
        tensors[name] != nil
    }

    package func tensor(_ name: String) throws(ModelFileError) -> Tensor {
        guard let entry = tensors[name] else { throw .missingTensor(file: path, tensor: name, shape: []) }
        guard let type = TensorType(rawValue: entry.rawType) else {
            throw .unsupportedTensorType(
                file: path, tensor: name, type: entry.typeName, supported: TensorType.supportedNames)
        }
        if let make = makers[name] { return try made(entry, type, make) }
        let data = UnsafeRawBufferPointer(rebasing: file.bytes[entry.range])
        return Tensor(name: name, shape: entry.shape, type: type, data: data, owner: file.owner)
    }

    private func made(
        _ entry: GGUFTensorEntry, _ type: TensorType, _ make: @Sendable () throws -> Tensor
    ) throws(ModelFileError) -> Tensor {
        let tensor: Tensor
        do {
            tensor = try make()
        } catch {
            throw (error as? ModelFileError) ?? .unreadable(file: path, reason: "\(error)")
        }
        guard tensor.type == type, tensor.elementCount == entry.elementCount else {
            throw .wrongShape(file: path, tensor: entry.name, found: tensor.shape, expected: entry.shape)
        }
        return Tensor(name: entry.name, shape: entry.shape, type: type, data: tensor.data, owner: tensor.owner)
    }

    private static func readVersion(_ reader: inout ByteReader) throws(ModelFileError) -> UInt32 {
        let path = reader.file.path
        let magic = try reader.take(4)
        let found = reader.file.bytes[magic..<magic + 4]
        guard found.elementsEqual("GGUF".utf8) else {
            throw .wrongFormat(
                file: path, expected: "GGUF",
                found: found.map { String($0, radix: 16) }.joined(separator: " "))
        }
        let version = try reader.integer(UInt32.self)
        guard version == 2 || version == 3 else {
            // A small number in the upper half is a file written for the other byte order.
            let bigEndian = version & 0xFFFF == 0 && version != 0
            throw .unsupportedVersion(
                file: path, format: "GGUF", version: bigEndian ? "\(version.byteSwapped) (big-endian)" : "\(version)",
                supported: "2 and 3, little-endian")
        }
        return version
    }

    private static func alignment(_ metadata: [String: GGUFValue], path: String) throws(ModelFileError) -> Int {
        guard let value = metadata["general.alignment"] else { return 32 }
        // The format asks for a multiple of 8; padding is only well defined for powers of two, as all writers use.
        guard let alignment = value.int, (8...65_536).contains(alignment), alignment.nonzeroBitCount == 1 else {
            throw .invalidMetadata(
                file: path, key: "general.alignment", found: value.description, expected: "a power of two from 8 to 65536")
        }
        return alignment
    }
}
