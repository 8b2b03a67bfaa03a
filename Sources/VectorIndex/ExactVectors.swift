internal import CKernels
internal import GRDB

/// Reads exact vectors: the code, which the view has, and the fine part, from the cache or the file.
struct ExactVectors: ~Copyable {
    private let view: GraphView
    private let db: Database
    /// Prepared when a row is first read.
    private var row: RowStatement?
    private let keeps: Bool
    /// A fine part that is not kept, as a block.
    private let scratch: UnsafeMutableRawPointer
    /// The vector read last.
    private(set) var vector: [Float]
    private(set) var bias: Float = 0

    /// - Parameter keeps: whether fine parts may come from the cache and stay in it: not where all of them are read.
    init(_ view: GraphView, keeps: Bool, _ db: Database) {
        self.db = db
        self.view = view
        self.keeps = keeps
        scratch = Block.allocate(view.fineLayout.blockSize)
        vector = [Float](repeating: 0, count: view.codeLayout.dimension)
    }

    /// Reads the vector in `slot` into `vector`, and returns its id.
    mutating func read(_ slot: Slot) throws -> Int64 {
        let block = try view.code(slot)
        let id = CodeLayout.id(block)
        bias = CodeLayout.bias(block)
        if keeps, let fine = view.keptFine(slot) {
            view.fineLayout.join(code: block, fine: fine, into: &vector)
            return id
        }
        let table = view.index.schema.vectors
        let row = try self.row ?? RowStatement(db, "SELECT id, vector FROM \(table) WHERE slot = ?")
        self.row = row
        defer { row.reset() }
        row.bind(1, Int64(slot))
        guard try row.step() else { throw view.corrupt(table, slot, "the row is missing") }
        guard !row.isNull(0), row.integer(0) == id, id != CodeLayout.freeID else {
            throw view.corrupt(table, slot, "it does not hold vector \(id)")
        }
        let blob = row.blob(1)
        if let fault = view.fineLayout.fault(blob, slot: slot) { throw view.corrupt(table, slot, fault) }
        var fine = UnsafeRawPointer(scratch)
        if keeps, let kept = view.keepFine(slot, copying: blob) {
            fine = UnsafeRawPointer(kept)
        } else {
            UnsafeMutableRawBufferPointer(start: scratch + FineLayout.blobOffset, count: blob.count).copyMemory(from: blob)
        }
        view.fineLayout.join(code: block, fine: fine, into: &vector)
        return id
    }

    deinit { Block.free(scratch) }

    /// Asks for what `read` will need, where the cache has it.
    func prefetch(_ slot: Slot) throws {
        ck_prefetch(try view.code(slot), view.codeLayout.blockSize)
        guard keeps, let fine = view.keptFine(slot) else { return }
        ck_prefetch(fine, view.fineLayout.blockSize)
    }

    /// The metric's score of the vector read last.
    func score(_ query: Query) -> Float {
        let product = query.vector.withUnsafeBufferPointer { a in
            vector.withUnsafeBufferPointer { b in
                guard let x = a.baseAddress, let y = b.baseAddress else { return Float(0) }
                return Distances.dot(x, y, count: a.count)
            }
        }
        guard query.metric == .euclidean else { return product }
        // Not from the product: where the vectors are near each other nearly all of it would cancel.
        return -query.vector.withUnsafeBufferPointer { a in
            vector.withUnsafeBufferPointer { b in
                guard let x = a.baseAddress, let y = b.baseAddress else { return Float(0) }
                return Distances.squaredDistance(x, y, count: a.count).squareRoot()
            }
        }
    }
}

/// A query as it was given (at length 1 for `cosine`) and as a code.
struct Query {
    let vector: [Float]
    let code: [Int8]
    let scale: Float
    let metric: Metric
    /// Its length.
    let norm: Float

    init(_ vector: [Float], metric: Metric) {
        self.vector = vector
        self.metric = metric
        var code = [Int8](repeating: 0, count: vector.count)
        scale = vector.withUnsafeBufferPointer { values in
            code.withUnsafeMutableBufferPointer { codes in
                guard let from = values.baseAddress, let to = codes.baseAddress else { return 0 }
                return Distances.quantize(from, count: values.count, into: to)
            }
        }
        self.code = code
        norm = Float(Distances.squares(vector).squareRoot())
    }

    /// The query as walks over codes of a kind need it.
    func withCode<T>(_ kind: CodeKind, _ body: (QueryCode) throws -> T) rethrows -> T? {
        func run(_ bytes: UnsafeRawBufferPointer, _ factor: Float) throws -> T? {
            guard let start = bytes.baseAddress else { return nil }
            return try body(QueryCode(kind: kind, values: start, factor: factor * metric.productFactor))
        }
        return kind == .float16
            ? try vector.withUnsafeBytes { try run($0, 1) } : try code.withUnsafeBytes { try run($0, scale) }
    }
}
