/// A mixture of number formats for the weights of a file, by the name that file names carry.
package enum QuantizedFormat: String, CaseIterable, Sendable {
    /// 8.5 bits for each weight; hardly a loss.
    case q8_0 = "Q8_0"
    /// 6.6 bits for each weight.
    case q6_k = "Q6_K"
    /// 4.5 bits for most weights, 5.5 and 6.6 for those that matter most, as far as the file stays 70% smaller than with 16.
    case q4_k_m = "Q4_K_M"
    /// 4.5 bits for all weights but those of the output.
    case q4_0 = "Q4_0"

    /// The number that `general.file_type` has.
    var fileType: UInt32 {
        switch self {
        case .q4_0: 2
        case .q8_0: 7
        case .q4_k_m: 15
        case .q6_k: 18
        }
    }

    private var base: TensorType {
        switch self {
        case .q8_0: .q8_0
        case .q6_k: .q6_k
        case .q4_k_m: .q4_k
        case .q4_0: .q4_0
        }
    }

    /// Share of the file with 16 bits for each number up to which tensors may get better types than most.
    private static let budget = 0.3

    /// The type of each tensor, by name. Vectors, tables of positions and routers stay as they are.
    /// - Parameter otherBytes: what is in the file beside tensors.
    func types(_ tensors: [GGUFTensorEntry], otherBytes: Int) -> [String: TensorType] {
        let matrices = tensors.filter(Self.isWeight)
        var types: [String: TensorType] = [:]
        for matrix in matrices { types[matrix.name] = Self.fitting(base, matrix) }
        guard self == .q4_k_m || self == .q4_0 else { return types }
        var bits = matrices.reduce(0.0) { $0 + Self.bits(types[$1.name], $1) }
        let limit = limit(tensors, otherBytes: otherBytes, planned: types)
        for (name, wanted) in upgrades(matrices) {
            guard let matrix = matrices.first(where: { $0.name == name }) else { continue }
            for type in wanted {
                let better = Self.fitting(type, matrix)
                let total = bits - Self.bits(types[name], matrix) + Self.bits(better, matrix)
                guard total <= limit, Self.bits(better, matrix) > Self.bits(types[name], matrix) else { continue }
                types[name] = better
                bits = total
                break
            }
        }
        return types
    }

    /// Bits that all matrices may take together.
    /// - Parameter planned: their types before any gets a better one.
    private func limit(_ tensors: [GGUFTensorEntry], otherBytes: Int, planned: [String: TensorType]) -> Double {
        let matrices = tensors.filter { planned[$0.name] != nil }, others = tensors.filter { planned[$0.name] == nil }
        let kept = 8 * Double(others.reduce(otherBytes) { $0 + $1.range.count })
        let half = 16 * Double(tensors.reduce(0) { $0 + $1.elementCount }) + 8 * Double(otherBytes)
        let left = Self.budget * half - kept
        // Small models may hold too much beside their weights: then nothing is won by worse types, and weights alone count.
        let least = matrices.reduce(0.0) { $0 + Self.bits(planned[$1.name], $1) }
        return least <= left ? left : Self.budget * 16 * Double(matrices.reduce(0) { $0 + $1.elementCount })
    }

    /// Which tensors get better types while the budget lasts, and which types, in order: the output first, then values
    /// and the way out of the feed-forward part, those of the first and the last layers before the others.
    private func upgrades(_ matrices: [GGUFTensorEntry]) -> [(String, [TensorType])] {
        let names = Set(matrices.map(\.name))
        let output = names.contains("output.weight") ? "output.weight" : "token_embd.weight"
        var list: [(String, [TensorType])] = [(output, [.q6_k, .q5_k])]
        guard self == .q4_k_m else { return list }
        let layers = (matrices.compactMap { Self.layer($0.name) }.max() ?? -1) + 1
        let order = (0..<layers).sorted { min($0, layers - 1 - $0) < min($1, layers - 1 - $1) }
        for part in ["attn_v.weight", "ffn_down.weight"] {
            list += order.map { ("blk.\($0).\(part)", [.q6_k]) }
        }
        return list
    }

    private static func layer(_ name: String) -> Int? {
        let parts = name.split(separator: ".")
        return parts.count > 2 && parts[0] == "blk" ? Int(parts[1]) : nil
    }

    private static func isWeight(_ tensor: GGUFTensorEntry) -> Bool {
        tensor.shape.count >= 2 && tensor.shape.allSatisfy { $0 > 1 } && tensor.name.hasSuffix(".weight")
            && !tensor.name.contains("norm") && !["position_embd.weight", "token_types.weight"].contains(tensor.name)
            && !tensor.name.hasSuffix("ffn_gate_inp.weight")
            && (tensor.shape.last ?? 0).isMultiple(of: TensorType.q8_0.blockSize)
    }

    /// The type itself, or the nearest whose blocks rows of this length are made of.
    private static func fitting(_ type: TensorType, _ tensor: GGUFTensorEntry) -> TensorType {
        guard let row = tensor.shape.last, !row.isMultiple(of: type.blockSize) else { return type }
        return type == .q4_k ? .q4_0 : .q8_0
    }

    private static func bits(_ type: TensorType?, _ tensor: GGUFTensorEntry) -> Double {
        guard let type else { return 0 }
        return 8 * Double(type.blockBytes) / Double(type.blockSize) * Double(tensor.elementCount)
    }
}
