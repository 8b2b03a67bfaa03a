/// A file that holds named tensors.
package protocol TensorSource: Sendable {
    /// Path of the file, for messages.
    var path: String { get }

    /// Names of the tensors, in no particular order.
    var tensorNames: [String] { get }

    func contains(tensor name: String) -> Bool

    /// The tensor of this name. Throws `ModelFileError` when there is none or its type is not supported.
    func tensor(_ name: String) throws(ModelFileError) -> Tensor
}

extension TensorSource {
    /// The tensor of this name, which must have this shape (row-major, outermost dimension first).
    package func tensor(_ name: String, shape: [Int]) throws(ModelFileError) -> Tensor {
        guard contains(tensor: name) else { throw .missingTensor(file: path, tensor: name, shape: shape) }
        let tensor = try tensor(name)
        guard tensor.shape == shape else {
            throw .wrongShape(file: path, tensor: name, found: tensor.shape, expected: shape)
        }
        return tensor
    }
}

extension TensorSource {
    /// A vector of this length as floats, for norms and biases.
    func floats(_ name: String, count: Int) throws(ModelFileError) -> [Float] {
        let tensor = try tensor(name, shape: [count])
        guard let values = tensor.floats() else {
            throw .wrongShape(file: path, tensor: name, found: tensor.shape, expected: [count])
        }
        return values
    }
}
