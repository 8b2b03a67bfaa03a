internal import CKernels
internal import Synchronization

/// One matrix of a layer, in the order in which it is multiplied.
///
/// A decoder's block-quantised weights are interleaved when they are first used, if the engine in use knows such an order for
/// them (Sources/CKernels/vnni_interleaved.h): products of a few rows then take half the time, and the pages of the model
/// file are given back, so that memory holds the weights once.
final class LinearPart: @unchecked Sendable {  // sound: nothing changes after init but an atomic pointer, once
    let outputs: Int
    private let tensor: Tensor
    private let stored: ck_weight
    private let panels: UnsafeMutableRawPointer?
    /// Reads interleaved weights; nil where weights stay as they are stored.
    private let rowEngine: ck_engine?
    private let setBytes: Int
    private let interleaved = Atomic<UnsafeMutableRawPointer?>(nil)

    /// - Parameters:
    ///   - engine: for which a second copy of the weights is kept as panels; nil for none.
    ///   - rowEngine: for which weights are interleaved, if it knows how; nil where they stay as stored.
    init(
        _ tensor: Tensor, inputs: Int, column: Int, packedFor engine: ck_engine?, interleavedFor rowEngine: ck_engine?
    ) throws(LinearError) {
        guard tensor.shape.count == 2, tensor.shape[1] == inputs, tensor.shape[0] > 0 else {
            throw LinearError(tensor: tensor.name, problem: "has the shape \(tensor.shape), not [*, \(inputs)]")
        }
        guard inputs % tensor.type.blockSize == 0, tensor.data.count >= tensor.type.bytes(for: tensor.elementCount)
        else { throw LinearError(tensor: tensor.name, problem: "is shorter than its shape \(tensor.shape)") }
        self.tensor = tensor
        outputs = tensor.shape[0]
        var weight = ck_weight(
            type: tensor.type.kernelType, data: tensor.data.baseAddress, inputs: inputs, outputs: outputs,
            column: column, panels: nil, interleaved: nil)
        panels = engine.map { Self.pack(weight, engine: $0) }
        weight.panels = panels.map { UnsafeRawPointer($0) }
        stored = weight
        setBytes = rowEngine.map { ck_interleaved_bytes($0, weight.type, inputs) } ?? 0
        self.rowEngine = setBytes > 0 ? rowEngine : nil
    }

    deinit {
        panels?.deallocate()
        ck_free_pages(interleaved.load(ordering: .acquiring), interleavedBytes)
    }

    private var sets: Int { (outputs + Int(CK_INTERLEAVED_OUTPUTS) - 1) / Int(CK_INTERLEAVED_OUTPUTS) }
    private var interleavedBytes: Int { sets * setBytes }

    private static func pack(_ weight: ck_weight, engine: ck_engine) -> UnsafeMutableRawPointer {
        let width = ck_panel_outputs(engine)
        let count = (weight.outputs + width - 1) / width
        let bytes = ck_panel_bytes(engine, weight.type, weight.inputs)
        let panels = UnsafeMutableRawPointer.allocate(byteCount: count * bytes, alignment: 64)
        withUnsafePointer(to: weight) { weight in
            for panel in 0..<count { ck_pack_panel(engine, weight, panel, panels + panel * bytes) }
        }
        return panels
    }

    /// The matrix as the kernels take it; valid as long as the part lives.
    func weight(_ pool: ComputePool?) -> ck_weight {
        var weight = stored
        weight.interleaved = interleavedWeights(pool).map { UnsafeRawPointer($0) }
        return weight
    }

    /// The weights, interleaved when this is called for the first time; nil where they stay as stored, or where there is no
    /// memory for it.
    ///
    /// No thread waits for another: of two that come first at the same time, one's work is thrown away.
    private func interleavedWeights(_ pool: ComputePool?) -> UnsafeMutableRawPointer? {
        guard let rowEngine else { return nil }
        if let ready = interleaved.load(ordering: .acquiring) { return ready }
        guard let memory = ck_allocate_pages(interleavedBytes) else { return nil }
        withUnsafePointer(to: stored) { weight in
            spread(sets, grain: max(1, sets / 16), over: pool) { range in
                for set in range { ck_interleave(rowEngine, weight, set, memory + set * setBytes) }
            }
        }
        let (first, other) = interleaved.compareExchange(
            expected: nil, desired: memory, ordering: .acquiringAndReleasing)
        guard first else {
            ck_free_pages(memory, interleavedBytes)
            return other
        }
        tensor.releasePages()
        return memory
    }
}

/// The pieces of work of a layer, numbered through all its matrices, so that one parallel region covers them. Plain values:
/// threads that count references to the same objects would hold each other up.
struct LinearJobs {
    private let weights: UnsafeBufferPointer<ck_weight>
    private let gated: UnsafePointer<ck_weight>?
    /// Outputs of a piece.
    let width: Int
    let count: Int

    /// - Parameter gated: the first matrix is the gate of the second, and both are worked on together.
    init(weights: UnsafeBufferPointer<ck_weight>, gated: Bool, width: Int) {
        self.weights = gated ? UnsafeBufferPointer(rebasing: weights.prefix(1)) : weights
        self.gated = gated ? weights.baseAddress.map { $0 + 1 } : nil
        self.width = width
        count = self.weights.reduce(0) { $0 + ($1.outputs + width - 1) / width }
    }

    /// Calls `body` for each matrix that has pieces in `range`, with their numbers within the matrix.
    func forEach(
        in range: Range<Int>, _ body: (UnsafePointer<ck_weight>, UnsafePointer<ck_weight>?, Range<Int>) -> Void
    ) {
        guard var weight = weights.baseAddress else { return }
        var first = 0
        for _ in weights.indices {
            let last = first + (weight.pointee.outputs + width - 1) / width
            let pieces = range.clamped(to: first..<last)
            if !pieces.isEmpty { body(weight, gated, pieces.lowerBound - first..<pieces.upperBound - first) }
            (first, weight) = (last, weight + 1)
        }
    }
}
