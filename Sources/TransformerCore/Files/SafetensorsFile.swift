#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A model file in the safetensors format, mapped or in memory: 8 bytes of header length, a JSON header that gives
/// each tensor's type, shape and byte range, then the data.
///
/// Specification: https://github.com/huggingface/safetensors#format
package final class SafetensorsFile: TensorSource {
    private let file: FileBytes
    private let entries: [String: Entry]
    private let dataStart: Int

    /// As in the reference implementation: no sensible header comes near it.
    private static let maximumHeaderBytes: UInt64 = 100_000_000

    package var path: String { file.path }
    package var tensorNames: [String] { Array(entries.keys) }

    /// Opens and checks a file. Throws `ModelFileError`.
    package convenience init(path: String) throws(ModelFileError) {
        try self.init(FileBytes(MappedFile(path: path)))
    }

    /// Checks a file that is part of the program: nothing is copied, so the bytes must stay as they are for the life of
    /// the process. `name` stands for the path in messages. Throws `ModelFileError`.
    package convenience init(staticBytes bytes: UnsafeRawBufferPointer, name: String) throws(ModelFileError) {
        try self.init(FileBytes(bytes, name: name, owner: nil))
    }

    /// Checks a copy of the bytes of a file. `name` stands for the path in messages. Throws `ModelFileError`.
    package convenience init(bytes: [UInt8], name: String) throws(ModelFileError) {
        let copy = bytes.withUnsafeBytes { AlignedBytes(copying: $0) }
        try self.init(FileBytes(copy.bytes, name: name, owner: copy))
    }

    private init(_ file: FileBytes) throws(ModelFileError) {
        let path = file.path
        self.file = file
        var reader = ByteReader(file: file)
        let length = try reader.integer(UInt64.self)
        guard length <= Self.maximumHeaderBytes else {
            throw .wrongFormat(file: path, expected: "safetensors", found: "a header length of \(length)")
        }
        let headerStart = try reader.take(length)
        dataStart = reader.offset
        let header = UnsafeRawBufferPointer(rebasing: file.bytes[headerStart..<dataStart])
        entries = try Self.parse(header, dataBytes: reader.remaining, path: path)
    }

    package func contains(tensor name: String) -> Bool {
        entries[name] != nil
    }

    package func tensor(_ name: String) throws(ModelFileError) -> Tensor {
        guard let entry = entries[name] else { throw .missingTensor(file: path, tensor: name, shape: []) }
        guard let type = Self.types[entry.dtype] else {
            throw .unsupportedTensorType(
                file: path, tensor: name, type: entry.dtype, supported: Self.types.keys.sorted())
        }
        let start = dataStart + entry.range.lowerBound
        let data = UnsafeRawBufferPointer(rebasing: file.bytes[start..<start + entry.range.count])
        if Int(bitPattern: data.baseAddress).isMultiple(of: type.blockBytes) {
            return Tensor(name: name, shape: entry.shape, type: type, data: data, owner: file.owner)
        }
        // The format does not promise alignment, and kernels read whole elements: copy what lies across.
        let copy = AlignedBytes(copying: data)
        return Tensor(name: name, shape: entry.shape, type: type, data: copy.bytes, owner: copy)
    }

    private static let types: [String: TensorType] = ["F32": .f32, "F16": .f16, "BF16": .bf16]

    private struct Entry {
        let dtype: String
        let shape: [Int]
        let range: Range<Int>
    }

    private struct HeaderValue: Decodable {
        let dtype: String
        let shape: [Int]
        let data_offsets: [Int]
    }

    /// The header's entries; `__metadata__` holds strings and is passed over.
    private struct Header: Decodable {
        var values: [String: HeaderValue] = [:]

        struct Key: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            for key in container.allKeys where key.stringValue != "__metadata__" {
                values[key.stringValue] = try container.decode(HeaderValue.self, forKey: key)
            }
        }
    }

    private static func parse(
        _ json: UnsafeRawBufferPointer, dataBytes: Int, path: String
    ) throws(ModelFileError) -> [String: Entry] {
        let header: Header
        do {
            header = try JSONDecoder().decode(Header.self, from: Data(json))
        } catch {
            throw .malformed(file: path, offset: 8, reason: "the header is not JSON of the safetensors kind")
        }
        var entries: [String: Entry] = [:]
        for (name, value) in header.values {
            entries[name] = try check(value, name: name, dataBytes: dataBytes, path: path)
        }
        try checkOverlap(entries, path: path)
        return entries
    }

    private static func check(
        _ value: HeaderValue, name: String, dataBytes: Int, path: String
    ) throws(ModelFileError) -> Entry {
        guard name.isPrintable, value.dtype.isPrintable else {
            throw .malformed(file: path, offset: 8, reason: "a tensor's name or type has control characters")
        }
        guard value.data_offsets.count == 2, value.data_offsets[0] >= 0,
            value.data_offsets[0] <= value.data_offsets[1]
        else {
            throw .malformed(file: path, offset: 8, reason: "tensor '\(name)' has data offsets \(value.data_offsets)")
        }
        let range = value.data_offsets[0]..<value.data_offsets[1]
        guard range.upperBound <= dataBytes else {
            throw .truncated(
                file: path, offset: 8, needed: UInt64(range.upperBound), available: dataBytes)
        }
        // Types that are not read (position ids are I64) may be there; only their range matters.
        if let type = types[value.dtype], type.byteCount(shape: value.shape.isEmpty ? [1] : value.shape) != range.count {
            throw .malformed(
                file: path, offset: 8,
                reason: "tensor '\(name)' of shape \(value.shape) and type \(value.dtype) has \(range.count) bytes")
        }
        return Entry(dtype: value.dtype, shape: value.shape, range: range)
    }

    private static func checkOverlap(_ entries: [String: Entry], path: String) throws(ModelFileError) {
        let sorted = entries.sorted { $0.value.range.lowerBound < $1.value.range.lowerBound }
        for (first, second) in zip(sorted, sorted.dropFirst())
        where first.value.range.upperBound > second.value.range.lowerBound {
            throw .malformed(file: path, offset: 8, reason: "tensors '\(first.key)' and '\(second.key)' overlap")
        }
    }
}
