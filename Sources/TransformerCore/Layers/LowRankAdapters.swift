/// Low-rank additions to the weights of a model (LoRA, Hu et al. 2021, arXiv:2106.09685): W + s·B·A stands in place of
/// a weight W `[outputs, inputs]`, where A is `[rank, inputs]` and B `[outputs, rank]`. Added up once, in single
/// precision, before weights are packed: an adapted layer costs what a plain one does.
package struct LowRankAdapters: Sendable {
    /// What the tensors A and B are called after the name of the weight that they belong to.
    package struct Suffixes: Sendable {
        package var a: String
        package var b: String

        package init(a: String, b: String) {
            self.a = a
            self.b = b
        }
    }

    private let file: any TensorSource
    private let suffixes: Suffixes
    private let scale: Float

    /// Larger ranks are no longer low, and no adapter has them.
    private static let maximumRank = 4096

    /// - Parameters:
    ///   - file: holds the tensors A and B of each weight that is adapted.
    ///   - scale: the factor s, alpha / rank in the paper.
    package init(_ file: any TensorSource, suffixes: Suffixes, scale: Float = 1) {
        self.file = file
        self.suffixes = suffixes
        self.scale = scale
    }

    /// Names of the two tensors that adapt a weight.
    package func tensorNames(of weight: String) -> [String] { [weight + suffixes.a, weight + suffixes.b] }

    /// - Parameters:
    ///   - weight: `[outputs, inputs]`, of any type.
    ///   - name: what the adapters' file calls it.
    /// - Returns: the weight with what is added to it, of type `.f32`; the weight itself when the file adds nothing.
    /// - Throws: `ModelFileError` when one of the two tensors is missing, does not fit or is not finite.
    package func merged(_ weight: Tensor, name: String) throws(ModelFileError) -> Tensor {
        let names = tensorNames(of: name)
        guard names.contains(where: file.contains) else { return weight }
        guard weight.shape.count == 2, let table = try? EmbeddingTable(weight) else {
            throw .unexpectedTensor(file: file.path, tensor: names[0])
        }
        let (outputs, inputs) = (table.rows, table.width)
        let rank = try rank(of: names[0], inputs: inputs)
        let a = try file.finiteFloats(names[0], shape: [rank, inputs])
        let b = try file.finiteFloats(names[1], shape: [outputs, rank])
        let sum = AlignedBytes(byteCount: outputs * inputs * MemoryLayout<Float>.stride)
        guard let base = sum.memory.bindMemory(to: Float.self).baseAddress else { return weight }
        a.withUnsafeBufferPointer { a in
            guard let a = a.baseAddress else { return }
            for output in 0..<outputs {
                let row = base + output * inputs
                table.copyRow(output, to: row)
                for r in 0..<rank {
                    VectorOperations.add(a + r * inputs, times: scale * b[output * rank + r], to: row, count: inputs)
                }
            }
        }
        return Tensor(name: weight.name, shape: weight.shape, type: .f32, data: sum.bytes, owner: sum)
    }

    private func rank(of name: String, inputs: Int) throws(ModelFileError) -> Int {
        guard file.contains(tensor: name) else {
            throw .missingTensor(file: file.path, tensor: name, shape: [1, inputs])
        }
        let shape = try file.tensor(name).shape
        guard shape.count == 2, (1...Self.maximumRank).contains(shape[0]) else {
            throw .wrongShape(file: file.path, tensor: name, found: shape, expected: [1, inputs])
        }
        return shape[0]
    }
}

extension TensorSource {
    /// All elements of a tensor of this shape. Throws `ModelFileError`, also when one of them is not finite.
    func finiteFloats(_ name: String, shape: [Int]) throws(ModelFileError) -> [Float] {
        let tensor = try tensor(name, shape: shape)
        guard let values = tensor.floats() else {
            throw .wrongShape(file: path, tensor: name, found: tensor.shape, expected: shape)
        }
        guard values.allSatisfy(\.isFinite) else { throw .notFinite(file: path, tensor: name) }
        return values
    }
}
