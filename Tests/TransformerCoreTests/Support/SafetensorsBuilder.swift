import Foundation

import TransformerCore

/// Writes safetensors files for tests: tensors that can be renamed, reshaped, damaged and left out.
struct SafetensorsBuilder {
    var tensors: [(name: String, shape: [Int], values: [Float])] = []

    init() {}

    /// The tensors of a file, as single precision.
    init(_ file: SafetensorsFile) throws {
        for name in file.tensorNames.sorted() {
            let tensor = try file.tensor(name)
            tensors.append((name, tensor.shape, tensor.floats() ?? []))
        }
    }

    func build() throws -> [UInt8] {
        var header: [String: Any] = ["__metadata__": ["format": "pt"]]
        var data: [UInt8] = []
        for tensor in tensors {
            let start = data.count
            data += tensor.values.flatMap { littleEndian($0.bitPattern) }
            header[tensor.name] = ["dtype": "F32", "shape": tensor.shape, "data_offsets": [start, data.count]]
        }
        let json = Array(try JSONSerialization.data(withJSONObject: header))
        return littleEndian(UInt64(json.count)) + json + data
    }
}
