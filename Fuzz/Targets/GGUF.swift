internal import TransformerCore

/// A whole GGUF file: what it says, its tensors, and the model in it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let file = try? GGUFFile(bytes: bytes(start, count), name: "input.gguf") else { return 0 }
    for name in file.tensorNames {
        guard let tensor = try? file.tensor(name), tensor.elementCount < 1 << 20 else { continue }
        _ = tensor.floats()
    }
    if let model = try? ModelArchitecture.loadDecoder(file, precision: .exact) {
        let session = GenerationSession(model, contextLimit: 4, cacheType: .f32)
        let ids = (0..<4).map { Int32($0 % max(1, model.vocabularyCount)) }
        _ = try? session.append(ids) { _, _ in }
    }
    if let encoder = try? ModelArchitecture.loadTextEncoder(file, precision: .exact) {
        _ = try? encoder.embed(tokenIDs: [[0, 1, 2, 3]], pool: .shared)
    }
    return 0
}
