extension TensorType {
    /// The name that GGML and GGUF file names use.
    package var name: String {
        switch self {
        case .f32: "F32"
        case .f16: "F16"
        case .bf16: "BF16"
        case .q4_0: "Q4_0"
        case .q4_1: "Q4_1"
        case .q5_0: "Q5_0"
        case .q5_1: "Q5_1"
        case .q8_0: "Q8_0"
        case .q2_k: "Q2_K"
        case .q3_k: "Q3_K"
        case .q4_k: "Q4_K"
        case .q5_k: "Q5_K"
        case .q6_k: "Q6_K"
        case .iq4_nl: "IQ4_NL"
        case .iq4_xs: "IQ4_XS"
        }
    }

    /// Names of all types that can be read, for messages.
    package static var supportedNames: [String] { allCases.map(\.name) }

    /// Bytes that a row-major tensor of this shape takes; `nil` when rows are not whole blocks or the number
    /// is too large to hold.
    package func byteCount(shape: [Int]) -> Int? {
        guard let rowLength = shape.last, rowLength.isMultiple(of: blockSize) else { return nil }
        var bytes = blockBytes
        for (index, extent) in shape.enumerated() {
            let factor = index == shape.count - 1 ? extent / blockSize : extent
            let (product, overflow) = bytes.multipliedReportingOverflow(by: factor)
            guard extent > 0, !overflow else { return nil }
            bytes = product
        }
        return bytes
    }
}

/// The name of a GGML type number, supported or not, so that a message can say what a file holds.
func ggmlTypeName(_ raw: UInt32) -> String {
    if let type = TensorType(rawValue: raw) { return type.name }
    let others: [UInt32: String] = [
        9: "Q8_1", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S", 21: "IQ3_S", 22: "IQ2_S",
        24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64", 29: "IQ1_M", 34: "TQ1_0", 35: "TQ2_0",
        39: "MXFP4",
    ]
    return others[raw] ?? "type number \(raw)"
}
