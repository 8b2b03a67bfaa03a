internal import CKernels
package import Foundation

/// Writes a model file with its weights in another number format.
package struct ModelQuantizer: Sendable {
    /// What became of a file.
    package struct Report: Sendable {
        package let inputBytes: Int
        package let outputBytes: Int
        /// Weights that were written in another type, and all.
        package let converted: Int
        package let parameters: Int
        /// How many tensors have each type.
        package let types: [String: Int]

        /// What the weights would take with 16 bits each, the rest as it is.
        package var halfPrecisionBytes: Int { parameters * 2 }
    }

    private let file: GGUFFile
    private let format: QuantizedFormat
    private let pool: ComputePool

    package init(_ file: GGUFFile, format: QuantizedFormat, pool: ComputePool = .shared) {
        self.file = file
        self.format = format
        self.pool = pool
    }

    /// Writes the file and calls `progress` with the share that is done, 0...1.
    /// - Throws: `ModelFileError` when a tensor cannot be read or holds what is not a number; what the system says about
    ///   the new file, which appears only when it is whole.
    package func write(to destination: URL, progress: (Double) -> Void = { _ in }) throws -> Report {
        let entries = file.tensors.values.sorted { $0.range.lowerBound < $1.range.lowerBound }
        let types = format.types(entries)
        let plan = try entries.map { entry in
            let stored = try file.tensor(entry.name)
            let type = types[entry.name] ?? stored.type
            return GGUFWriter.Entry(
                name: entry.name, shape: entry.shape, type: type, byteCount: type.bytes(for: entry.elementCount))
        }
        let replaced = ["general.file_type", "general.quantization_version"]
        let metadata = file.rawMetadata(except: Set(replaced)).map { Data($0) } + [
            .metadataEntry(replaced[0], format.fileType), .metadataEntry(replaced[1], 2),
        ]
        let writer = try GGUFWriter(
            to: destination, metadata: metadata, entries: plan, alignment: file.metadata["general.alignment"]?.int ?? 32)
        let total = Double(max(1, entries.reduce(0) { $0 + $1.elementCount }))
        var done = 0
        for entry in plan {
            try write(file.tensor(entry.name), as: entry.type, to: writer)
            try writer.endTensor()
            done += entry.shape.reduce(1, *)
            progress(Double(done) / total)
        }
        try writer.finish()
        return report(plan, types: types, destination: destination)
    }

    private func report(_ plan: [GGUFWriter.Entry], types: [String: TensorType], destination: URL) -> Report {
        let attributes = try? FileManager.default.attributesOfItem(atPath: destination.path)
        return Report(
            inputBytes: file.byteCount, outputBytes: (attributes?[.size] as? NSNumber)?.intValue ?? 0,
            converted: plan.reduce(0) { $0 + (types[$1.name] == nil ? 0 : $1.shape.reduce(1, *)) },
            parameters: plan.reduce(0) { $0 + $1.shape.reduce(1, *) },
            types: Dictionary(plan.map { ($0.type.name, 1) }, uniquingKeysWith: +))
    }

    /// Weights that are in memory as floats at once.
    private static let portion = 1 << 21

    private func write(_ tensor: Tensor, as type: TensorType, to writer: GGUFWriter) throws {
        guard type != tensor.type, let row = tensor.shape.last, row > 0, let source = tensor.data.baseAddress else {
            return try writer.append(tensor.data)
        }
        let rows = tensor.elementCount / row, some = max(1, Self.portion / row)
        let stored = tensor.type.bytes(for: row), rowBytes = type.bytes(for: row)
        let output = AlignedBytes(byteCount: some * rowBytes)
        guard let target = output.memory.baseAddress else { return }
        for first in stride(from: 0, to: rows, by: some) {
            let count = min(some, rows - first)
            let finite = Flags(count: count)
            pool.parallel(count, grain: max(1, count / (8 * pool.threads))) { range in
                var values = [Float](repeating: 0, count: row)
                for index in range {
                    ck_dequantize(tensor.type.kernelType, source + (first + index) * stored, &values, row)
                    finite.set(index, values.allSatisfy(\.isFinite))
                    _ = ck_quantize(type.kernelType, values, target + index * rowBytes, row)
                }
            }
            guard finite.all else { throw ModelFileError.notFinite(file: file.path, tensor: tensor.name) }
            try writer.append(UnsafeRawBufferPointer(start: target, count: count * rowBytes))
        }
    }
}

/// One flag for each task of a parallel region.
private final class Flags: @unchecked Sendable {  // sound: each task sets its own
    private let flags: UnsafeMutableBufferPointer<Bool>

    init(count: Int) {
        flags = .allocate(capacity: count)
        flags.initialize(repeating: false)
    }

    deinit { flags.deallocate() }

    func set(_ index: Int, _ value: Bool) { flags[index] = value }
    var all: Bool { flags.allSatisfy { $0 } }
}
