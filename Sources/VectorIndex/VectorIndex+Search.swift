package import GRDB

extension VectorIndex {
    /// The `k` vectors most like the query among those the filter allows, best first: approximately (see `width`), with
    /// exact scores. Returns fewer only if fewer exist.
    ///
    /// The walk is on codes; the best of what it found is put in order by the exact vectors. A filter is part of the
    /// walk. When it allows so few that looking at each is cheaper, each is looked at.
    ///
    /// - Parameters:
    ///   - query: a vector of the index's dimension, brought to length 1 if it is not.
    ///   - width: candidates kept during the walk (efSearch), at least `k`: more find more, and take longer.
    /// - Returns: ids and cosine similarities, ties in order of ids.
    /// - Throws: `VectorIndexError`, `DatabaseError`.
    package func search(
        _ query: [Float], k: Int, width: Int = 100, filter: Filter = .all, in db: Database
    ) throws -> [(id: Int64, score: Float)] {
        let unit = try unitVector(query, id: nil)
        let view = try readingView(in: db)
        guard k > 0, let entry = view.state.entry else { return [] }
        let search = FilteredSearch(
            view: view, query: Query(unit), k: min(k, view.state.count), width: max(width, k), entry: entry, db: db)
        let found = try search.candidates(filter)
        return try search.exactOrder(found)
    }

    /// The same by looking at every vector: the brute-force twin that `search` is measured against.
    ///
    /// - Throws: `VectorIndexError`, `DatabaseError`.
    package func exactSearch(
        _ query: [Float], k: Int, filter: Filter = .all, in db: Database
    ) throws -> [(id: Int64, score: Float)] {
        let unit = try unitVector(query, id: nil)
        _ = try IndexState.read(self, in: db)
        guard k > 0 else { return [] }
        var best: [(id: Int64, score: Float)] = []
        let row = try RowStatement(db, "SELECT slot, id, vector FROM \(schema.vectors) WHERE id IS NOT NULL")
        defer { row.reset() }
        var buffer = [Float](repeating: 0, count: parameters.dimension)
        while try row.step() {
            let id = row.integer(1)
            switch filter {
            case .all: break
            case .ids(let allowed): guard allowed.contains(id) else { continue }
            case .matching(let allows): guard allows(id) else { continue }
            }
            let score = try exactScore(unit, row.blob(2), slot: row.integer(0), buffer: &buffer)
            if best.count == k, let last = best.last, (last.score, id) > (score, last.id) { continue }
            let place = best.firstIndex { ($0.score, id) < (score, $0.id) } ?? best.count
            best.insert((id, score), at: place)
            if best.count > k { best.removeLast() }
        }
        return best
    }

    /// The exact vector of an id, at length 1; nil if there is none.
    ///
    /// - Throws: `VectorIndexError`, `DatabaseError`.
    package func vector(of id: Int64, in db: Database) throws -> [Float]? {
        _ = try IndexState.read(self, in: db)
        let row = try RowStatement(db, """
            SELECT v.slot, v.vector FROM \(schema.ids) i JOIN \(schema.vectors) v ON v.slot = i.slot WHERE i.id = ?
            """)
        defer { row.reset() }
        row.bind(1, id)
        guard try row.step() else { return nil }
        var vector = [Float](repeating: 0, count: parameters.dimension)
        try copyVector(row.blob(1), slot: row.integer(0), to: &vector)
        return vector
    }

    /// The dot product of a vector with one stored as a blob.
    func exactScore(
        _ query: [Float], _ blob: UnsafeRawBufferPointer, slot: Int64, buffer: inout [Float]
    ) throws -> Float {
        try copyVector(blob, slot: slot, to: &buffer)
        return query.withUnsafeBufferPointer { a in
            buffer.withUnsafeBufferPointer { b in
                guard let x = a.baseAddress, let y = b.baseAddress else { return 0 }
                return Distances.dot(x, y, count: a.count)
            }
        }
    }

    /// Checks a blob of `vectors`, and copies it: SQLite promises no alignment.
    func copyVector(_ blob: UnsafeRawBufferPointer, slot: Int64, to buffer: inout [Float]) throws {
        guard blob.count == 4 * parameters.dimension else {
            throw VectorIndexError.corrupt(
                table: schema.vectors, slot: slot, reason: "a vector of \(blob.count) bytes instead of \(4 * parameters.dimension)")
        }
        buffer.withUnsafeMutableBytes { $0.copyMemory(from: blob) }
    }
}

/// A query as a unit vector and as a code.
struct Query {
    let vector: [Float]
    let code: [Int8]
    let scale: Float

    init(_ vector: [Float]) {
        self.vector = vector
        var code = [Int8](repeating: 0, count: vector.count)
        scale = vector.withUnsafeBufferPointer { values in
            code.withUnsafeMutableBufferPointer { codes in
                guard let from = values.baseAddress, let to = codes.baseAddress else { return 0 }
                return Distances.quantize(from, count: values.count, into: to)
            }
        }
        self.code = code
    }
}

/// One search: chooses between walking and scanning, and orders what was found.
struct FilteredSearch {
    let view: GraphView
    let query: Query
    let k: Int
    let width: Int
    let entry: Slot
    let db: Database

    /// Candidates by their codes, best first, `width` of them if there are as many.
    func candidates(_ filter: Filter) throws -> [Candidate] {
        try query.code.withUnsafeBufferPointer { buffer in
            guard let code = buffer.baseAddress else { return [] }
            var walk = GraphWalk(view)
            switch filter {
            case .all:
                let start = try walk.descend(code, entry: entry, from: view.state.topLevel, to: 0)
                try walk.search(code, from: start, width: width, level: 0)
                if walk.pool.count >= k { return Array(walk.pool.all) }
                // Parts of the graph are out of reach: every vector must be found all the same.
                return try scanAll(code) { _ in true }
            case .ids(let allowed):
                return try candidates(code, allowed, &walk)
            case .matching(let allows):
                let isEnough = try filteredWalk(code, &walk, limit: view.state.count / 2, allowed: allows)
                return isEnough ? Array(walk.pool.all) : try scanAll(code, allowed: allows)
            }
        }
    }

    /// A walk must meet about `width × count / allowed` nodes before it has found `width` that are allowed; a scan
    /// looks up each allowed one, at several times the price of meeting a node. They cost the same where the allowed
    /// are about the square root of `width × count`.
    private func candidates(
        _ code: UnsafePointer<Int8>, _ allowed: SortedIDs, _ walk: inout GraphWalk
    ) throws -> [Candidate] {
        let size = Double(allowed.ids.count)
        if size * size > Double(width) * Double(view.state.count) {
            let limit = min(8 * allowed.ids.count, view.state.count)
            if try filteredWalk(code, &walk, limit: limit, allowed: allowed.contains) { return Array(walk.pool.all) }
        }
        return try scan(code, allowed)
    }

    /// False when the walk gave up, or found fewer than there may be.
    private func filteredWalk(
        _ code: UnsafePointer<Int8>, _ walk: inout GraphWalk, limit: Int, allowed: (Int64) -> Bool
    ) throws -> Bool {
        let start = try walk.descend(code, entry: entry, from: view.state.topLevel, to: 0)
        return try walk.search(code, from: start, width: width, limit: limit, allowed: allowed) && walk.pool.count >= k
    }

    private func scan(_ code: UnsafePointer<Int8>, _ allowed: SortedIDs) throws -> [Candidate] {
        let row = try RowStatement(db, "SELECT slot FROM \(view.index.schema.ids) WHERE id = ?")
        defer { row.reset() }
        let walk = GraphWalk(view)
        var pool = CandidatePool(width: width)
        for id in allowed.ids {
            row.bind(1, id)
            if try row.step() {
                let slot = row.integer(0)
                guard (0..<Int64(view.state.slots)).contains(slot) else {
                    throw view.corrupt(view.index.schema.ids, nil, "id \(id) in slot \(slot) of \(view.state.slots)")
                }
                pool.insert(Candidate(score: try walk.score(code, Slot(slot)), slot: Slot(slot)))
            }
            row.reset()
        }
        return Array(pool.all)
    }

    /// Reads all codes in the order of the file, past the cache.
    private func scanAll(_ code: UnsafePointer<Int8>, allowed: (Int64) -> Bool) throws -> [Candidate] {
        let row = try RowStatement(db, "SELECT slot, code FROM \(view.index.schema.codes)")
        defer { row.reset() }
        var pool = CandidatePool(width: width)
        while try row.step() {
            let blob = row.blob(1)
            let slot = row.integer(0)
            guard let start = blob.baseAddress, blob.count == view.codeLayout.blobSize,
                (0..<Int64(view.state.slots)).contains(slot)
            else { throw view.corrupt(view.index.schema.codes, nil, "slot \(slot) has a code of \(blob.count) bytes") }
            let block = start - BlockHeader.size
            let id = CodeLayout.id(block)
            guard id != CodeLayout.freeID, allowed(id) else { continue }
            let product = Distances.dot(code, CodeLayout.values(block), count: view.codeLayout.dimension)
            pool.insert(Candidate(score: Float(product) * CodeLayout.scale(block), slot: Slot(slot)))
        }
        return Array(pool.all)
    }

    /// The best `k` by their exact vectors.
    ///
    /// Only candidates that quantisation can have put behind the k-th are looked at: rounding both codes moves a
    /// score by about 0.3 × √(scale² + scale²), so a multiple of the scales is far out in its tails.
    func exactOrder(_ candidates: [Candidate]) throws -> [(id: Int64, score: Float)] {
        guard !candidates.isEmpty else { return [] }
        let last = candidates[min(k, candidates.count) - 1]
        let slack = 2 * (query.scale + CodeLayout.scale(try view.code(last.slot))) / max(query.scale, .leastNormalMagnitude)
        let row = try RowStatement(db, "SELECT id, vector FROM \(view.index.schema.vectors) WHERE slot = ?")
        defer { row.reset() }
        var buffer = [Float](repeating: 0, count: query.vector.count)
        var found: [(id: Int64, score: Float)] = []
        for candidate in candidates where candidate.score >= last.score - slack {
            row.bind(1, Int64(candidate.slot))
            let id = CodeLayout.id(try view.code(candidate.slot))
            guard try row.step(), !row.isNull(0), row.integer(0) == id else {
                throw view.corrupt(view.index.schema.vectors, candidate.slot, "it does not hold vector \(id)")
            }
            found.append((id, try view.index.exactScore(query.vector, row.blob(1), slot: Int64(candidate.slot), buffer: &buffer)))
            row.reset()
        }
        found.sort { ($1.score, $0.id) < ($0.score, $1.id) }
        return Array(found.prefix(k))
    }
}
