internal import TransformerCore

/// A safetensors file: its header and every tensor.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let file = try? SafetensorsFile(bytes: bytes(start, count), name: "input.safetensors") else { return 0 }
    for name in file.tensorNames {
        guard let tensor = try? file.tensor(name), tensor.elementCount < 1 << 20 else { continue }
        _ = tensor.floats()
    }
    return 0
}
