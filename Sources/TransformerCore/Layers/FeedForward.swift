/// down(activation(gate(x)) * up(x)) (Shazeer 2020, arXiv:2002.05202).
struct GatedFeedForward: FeedForward {
    enum Activation: Sendable {
        case silu
        case geluTanh
        case gelu
    }

    let gateUp: GateUp
    let down: Projection

    /// The two matrices as one layer whose epilogue multiplies them, or apart where it has no such epilogue.
    enum GateUp: Sendable {
        case silu(Projection)
        case gelu(gate: Projection, up: Projection, epilogue: Epilogue)
    }

    init(gateUp: GateUp, down: Projection) {
        self.gateUp = gateUp
        self.down = down
    }

    init(gate: Tensor, up: Tensor, down: Tensor, activation: Activation, precision: ComputePrecision) throws {
        switch activation {
        case .silu: gateUp = .silu(try Projection([gate, up], precision: precision))
        case .gelu, .geluTanh:
            gateUp = .gelu(
                gate: try Projection([gate], precision: precision), up: try Projection([up], precision: precision),
                epilogue: activation == .gelu ? .gelu : .geluTanh)
        }
        self.down = try Projection([down], precision: precision)
    }

    func apply(
        _ x: UnsafePointer<Float>, batch: DecoderBatch, into output: UnsafeMutablePointer<Float>, epilogue: Epilogue
    ) {
        let count = batch.rows * down.inputs
        let gated = batch.workspace.gated.reserve(count)
        switch gateUp {
        case .silu(let both): both.apply(x, batch: batch, into: gated, epilogue: .siluGate)
        case .gelu(let gate, let up, let gelu):
            let raised = batch.workspace.raised.reserve(count)
            gate.apply(x, batch: batch, into: gated, epilogue: gelu)
            up.apply(x, batch: batch, into: raised)
            VectorOperations.multiply(gated, by: raised, count: count)
        }
        down.apply(gated, batch: batch, into: output, epilogue: epilogue)
    }
}

/// down(gelu(up(x))).
struct PlainFeedForward: FeedForward {
    let up: Projection
    let down: Projection
    /// `.gelu` or `.geluTanh`
    let activation: Epilogue

    func apply(
        _ x: UnsafePointer<Float>, batch: DecoderBatch, into output: UnsafeMutablePointer<Float>, epilogue: Epilogue
    ) {
        let raised = batch.workspace.gated.reserve(batch.rows * up.outputs)
        up.apply(x, batch: batch, into: raised, epilogue: activation)
        down.apply(raised, batch: batch, into: output, epilogue: epilogue)
    }
}
