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
        let tensorBytes = entries.reduce(0) { $0 + $1.range.count }
        let types = format.types(entries, otherBytes: max(0, file.byteCount - tensorBytes))
        let replaced = ["general.file_type", "general.quantization_version"]
        var writer = GGUFWriter(
            stored: file.rawMetadata(except: Set(replaced)), alignment: file.metadata["general.alignment"]?.int ?? 32)
        writer.set(replaced[0], .uint32(format.fileType))
        writer.set(replaced[1], .uint32(2))
        writer.tensors = try entries.map { entry in
            let stored = try file.tensor(entry.name)
            let type = types[entry.name] ?? stored.type
            return GGUFWriter.Entry(name: entry.name, shape: entry.shape, type: type) {
                try converted(stored, to: type)
            }
        }
        let total = Double(max(1, entries.reduce(0) { $0 + $1.elementCount }))
        var done = 0
        try writer.write(to: destination.path) { count in
            done += entries[count - 1].elementCount
            progress(Double(done) / total)
        }
        return report(writer.tensors, types: types, destination: destination)
    }

    private func report(_ plan: [GGUFWriter.Entry], types: [String: TensorType], destination: URL) -> Report {
        let attributes = try? FileManager.default.attributesOfItem(atPath: destination.path)
        return Report(
            inputBytes: file.byteCount, outputBytes: (attributes?[.size] as? NSNumber)?.intValue ?? 0,
            converted: plan.reduce(0) { $0 + (types[$1.name] == nil ? 0 : $1.shape.reduce(1, *)) },
            parameters: plan.reduce(0) { $0 + $1.shape.reduce(1, *) },
            types: Dictionary(plan.map { ($0.type.name, 1) }, uniquingKeysWith: +))
    }

    /// Weights that are worked on at once.
    private static let portion = 1 << 21

    private func converted(_ tensor: Tensor, to type: TensorType) throws -> Tensor {
        guard type != tensor.type, let row = tensor.shape.last, row > 0, let source = tensor.data.baseAddress else {
            return tensor
        }
        let rows = tensor.elementCount / row, some = max(1, Self.portion / row)
        let stored = tensor.type.bytes(for: row), rowBytes = type.bytes(for: row)
        let output = AlignedBytes(byteCount: rows * rowBytes)
        guard let target = output.memory.baseAddress else { return tensor }
        for first in stride(from: 0, to: rows, by: some) {
            let count = min(some, rows - first)
            let finite = Flags(count: count)
            pool.parallel(count, grain: max(1, count / (8 * pool.threads))) { range in
                var values = [Float](repeating: 0, count: row)
                for index in range {
                    ck_dequantize(tensor.type.kernelType, source + (first + index) * stored, &values, row)
                    finite.set(index, values.allSatisfy(\.isFinite))
                    _ = ck_quantize(type.kernelType, values, target + (first + index) * rowBytes, row)
                }
            }
            guard finite.all else { throw ModelFileError.notFinite(file: file.path, tensor: tensor.name) }
        }
        return Tensor(
            name: tensor.name, shape: tensor.shape, type: type,
            data: UnsafeRawBufferPointer(start: target, count: rows * rowBytes), owner: output)
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
