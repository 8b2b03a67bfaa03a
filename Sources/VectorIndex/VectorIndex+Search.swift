package import GRDB

/// A vector that was found, and how alike it is by the index's metric: the larger, the more.
package typealias Match = (id: Int64, score: Float)

extension VectorIndex {
    /// The `k` vectors most like the query among those the filter allows, best first: approximately (see `width`), with
    /// exact scores. Returns fewer only if fewer exist.
    ///
    /// The walk is on codes; the best of what it found is put in order by the exact vectors. A filter is part of the
    /// walk. When it allows so few that looking at each is cheaper, each is looked at.
    ///
    /// - Parameters:
    ///   - query: a vector of the index's dimension; for `cosine` brought to length 1 if it is not.
    ///   - width: candidates kept during the walk (efSearch), at least `k`: more find more, and take longer. Where the
    ///     metric is a distance it is what an average question needs: others get up to twice as many, or fewer (`Reach`).
    /// - Returns: ids and scores (`Metric`), ties in order of ids.
    /// - Throws: `VectorIndexError`, `DatabaseError`.
    package func search(
        _ query: [Float], k: Int, width: Int = 100, filter: Filter = .all, in db: Database
    ) throws -> [Match] {
        try search([query], k: k, width: width, filter: filter, in: db).first ?? []
    }

    /// The same for several queries at once, in their order: what a search prepares is prepared once.
    ///
    /// - Throws: `VectorIndexError`, `DatabaseError`.
    package func search(
        _ queries: [[Float]], k: Int, width: Int = 100, filter: Filter = .all, in db: Database
    ) throws -> [[Match]] {
        let queries = try queries.map { Query(try usableVector($0, id: nil), metric: parameters.metric) }
        let view = try readingView(in: db)
        guard k > 0, let entry = view.state.entry else { return queries.map { _ in [] } }
        let search = FilteredSearch(
            view: view, k: min(k, view.state.count), width: min(max(width, k) * parameters.code.widthFactor, max(view.state.count, 1)), entry: entry,
            db: db)
        var walk = GraphWalk(view)
        var exact = ExactVectors(view, keeps: true, db)
        return try queries.map { query in
            try search.exactOrder(query, try search.candidates(query, filter, &walk), &exact)
        }
    }

    /// All vectors with at least this score, best first, `limit` at most: approximately, with exact scores.
    ///
    /// Searches with a growing width until what it finds reaches beyond the score.
    ///
    /// - Throws: `VectorIndexError`, `DatabaseError`.
    package func search(
        _ query: [Float], atLeast score: Float, limit: Int = 10_000, width: Int = 100, filter: Filter = .all, in db: Database
    ) throws -> [Match] {
        let count = min(limit, try count(in: db))
        var k = min(64, count)
        while k > 0 {
            let found = try search(query, k: k, width: max(width, 2 * k), filter: filter, in: db)
            if found.count < k || k >= count || found.last.map({ $0.score < score }) ?? true {
                return found.filter { $0.score >= score }
            }
            k = min(4 * k, count)
        }
        return []
    }

    /// The same as the first by looking at every vector: the brute-force twin that it is measured against.
    ///
    /// - Throws: `VectorIndexError`, `DatabaseError`.
    package func exactSearch(_ query: [Float], k: Int, filter: Filter = .all, in db: Database) throws -> [Match] {
        let query = Query(try usableVector(query, id: nil), metric: parameters.metric)
        let view = try readingView(in: db)
        guard k > 0 else { return [] }
        var best: [Match] = []
        let row = try RowStatement(db, "SELECT slot, id FROM \(schema.vectors) WHERE id IS NOT NULL")
        defer { row.reset() }
        var exact = ExactVectors(view, keeps: false, db)
        while try row.step() {
            let id = row.integer(1)
            guard filter.allows(id) else { continue }
            guard let slot = Slot(exactly: row.integer(0)), Int(slot) < view.state.slots else {
                throw view.corrupt(schema.vectors, nil, "slot \(row.integer(0)) of \(view.state.slots)")
            }
            _ = try exact.read(slot)
            let score = exact.score(query)
            if best.count == k, let last = best.last, (last.score, id) > (score, last.id) { continue }
            let place = best.firstIndex { ($0.score, id) < (score, $0.id) } ?? best.count
            best.insert((id, score), at: place)
            if best.count > k { best.removeLast() }
        }
        return best
    }

    /// The vector of an id as it is stored, within a 24-bit rounding of its largest element; nil if there is none.
    ///
    /// - Throws: `VectorIndexError`, `DatabaseError`.
    package func vector(of id: Int64, in db: Database) throws -> [Float]? {
        let view = try readingView(in: db)
        let row = try RowStatement(db, "SELECT slot FROM \(schema.ids) WHERE id = ?")
        defer { row.reset() }
        row.bind(1, id)
        guard try row.step() else { return nil }
        let slot = try view.checkedSlot(row.integer(0), of: id)
        var exact = ExactVectors(view, keeps: true, db)
        let found = try exact.read(slot)
        guard found == id else { throw view.corrupt(schema.ids, slot, "id \(id) is not what the slot holds") }
        return exact.vector
    }
}

/// One search: chooses between walking and scanning, and orders what was found.
struct FilteredSearch {
    let view: GraphView
    let k: Int
    let width: Int
    let entry: Slot
    let db: Database

    /// Candidates by their codes, best first, `width` of them if there are as many.
    func candidates(_ query: Query, _ filter: Filter, _ walk: inout GraphWalk) throws -> [Candidate] {
        try query.withCode(view.codeLayout.kind) { code in
            switch filter {
            case .all:
                let start = try walk.descend(code, entry: entry, from: view.state.topLevel, to: 0)
                let reach = Reach(query, code: code.kind, k: k, width: width)
                try walk.search(code, from: start, width: room(reach), level: 0, reach: reach)
                if walk.pool.count >= k { return Array(walk.pool.all) }
                // Parts of the graph are out of reach: every vector must be found all the same.
                return try scanAll(code) { _ in true }
            case .ids(let allowed):
                return try candidates(query, code, allowed, &walk)
            case .matching(let allows):
                let isEnough = try filteredWalk(query, code, &walk, share: 1, limit: view.state.count / 2, allowed: allows)
                return isEnough ? Array(walk.pool.all) : try scanAll(code, allowed: allows)
            }
        } ?? []
    }

    /// A walk must meet a number of nodes in proportion to `width × count / allowed` before it has found `width` that are
    /// allowed; a scan looks at each allowed one, which is cheaper than to meet it. Measured, they cost the same where the
    /// allowed are about twice the square root of `width × count`.
    private func candidates(_ query: Query, _ code: QueryCode, _ allowed: SortedIDs, _ walk: inout GraphWalk) throws -> [Candidate] {
        let size = Double(allowed.ids.count)
        if size * size > 4 * Double(width) * Double(view.state.count) {
            let limit = min(8 * allowed.ids.count, view.state.count)
            let share = min(size / Double(view.state.count), 1)
            if try filteredWalk(query, code, &walk, share: share, limit: limit, allowed: allowed.contains) { return Array(walk.pool.all) }
        }
        return try scan(query, code, allowed)
    }

    /// False when the walk gave up, or found fewer than there may be.
    private func filteredWalk(
        _ query: Query, _ code: QueryCode, _ walk: inout GraphWalk, share: Double, limit: Int, allowed: (Int64) -> Bool
    ) throws -> Bool {
        let start = try walk.descend(code, entry: entry, from: view.state.topLevel, to: 0)
        let reach = Reach(query, code: code.kind, k: k, width: width, share: share)
        return try walk.search(code, from: start, width: room(reach), reach: reach, limit: limit, allowed: allowed) && walk.pool.count >= k
    }

    private func room(_ reach: Reach?) -> Int { min(reach == nil ? width : Reach.room * width, max(view.state.count, 1)) }

    private func scan(_ query: Query, _ code: QueryCode, _ allowed: SortedIDs) throws -> [Candidate] {
        var prepared: RowStatement?
        var scan = CodeScan(view, width: width, reach: Reach(scanning: query, code: code.kind, k: k)) { id in
            let row = try prepared ?? RowStatement(db, "SELECT slot FROM \(view.index.schema.ids) WHERE id = ?")
            prepared = row
            defer { row.reset() }
            row.bind(1, id)
            return try row.step() ? view.checkedSlot(row.integer(0), of: id) : nil
        }
        return try scan.best(code, allowed.ids)
    }

    /// Reads all codes in the order of the file, past the cache.
    private func scanAll(_ code: QueryCode, allowed: (Int64) -> Bool) throws -> [Candidate] {
        let row = try RowStatement(db, "SELECT slot, code FROM \(view.index.schema.codes)")
        defer { row.reset() }
        var pool = CandidatePool(width: width)
        while try row.step() {
            let blob = row.blob(1)
            guard let slot = Slot(exactly: row.integer(0)), Int(slot) < view.state.slots, let start = blob.baseAddress else {
                throw view.corrupt(view.index.schema.codes, nil, "slot \(row.integer(0)) of \(view.state.slots)")
            }
            if let fault = view.codeLayout.fault(blob, slot: slot) { throw view.corrupt(view.index.schema.codes, slot, fault) }
            // Nothing but the blob's own part of the block is looked at.
            let block = start - CodeLayout.blobOffset
            let id = CodeLayout.id(block)
            guard id != CodeLayout.freeID, allowed(id) else { continue }
            let product = code.product(block, dimension: view.codeLayout.dimension)
            pool.insert(Candidate(score: code.score(product: product, block), slot: slot))
        }
        return Array(pool.all)
    }

    /// The best `k` by their exact vectors.
    ///
    /// Only candidates that codes can have put behind the k-th are looked at.
    func exactOrder(_ query: Query, _ candidates: [Candidate], _ exact: inout ExactVectors) throws -> [Match] {
        guard !candidates.isEmpty else { return [] }
        let last = candidates[min(k, candidates.count) - 1]
        let least = try last.score - slack(query, view.code(last.slot))
        let undecided = candidates.prefix { $0.score >= least }
        for candidate in undecided { try exact.prefetch(candidate.slot) }
        var found: [Match] = []
        found.reserveCapacity(undecided.count)
        for candidate in undecided {
            let id = try exact.read(candidate.slot)
            found.append((id, exact.score(query)))
        }
        found.sort { ($1.score, $0.id) < ($0.score, $1.id) }
        return Array(found.prefix(k))
    }

    /// How far apart codes can put two candidates that belong in the other order.
    private func slack(_ query: Query, _ block: UnsafeRawPointer) -> Float {
        let (values, dimension, scale) = (CodeLayout.values(block), view.codeLayout.dimension, CodeLayout.scale(block))
        switch view.codeLayout.kind {
        case .int8:
            // Rounding both codes moves a product by about √(scale² + scale²) / √12, with either scale times the other's
            // length. What is taken is 3.7 times the spread of a difference of two such.
            let code = values.assumingMemoryBound(to: Int8.self)
            let length = Float(Distances.dot(code, code, count: dimension)).squareRoot() * scale
            let (a, b) = (query.scale * length, scale * query.norm)
            return 1.5 * query.metric.productFactor * (a * a + b * b).squareRoot()
        case .float16:
            // Eleven bits of every element; a length is at most √dimension times the largest, 127 scales.
            return query.metric.productFactor * query.norm * 127 * scale * Float(dimension).squareRoot() / 16_384
        case .binary:
            // Signs decide little: what the walk has found is all looked at.
            return .infinity
        }
    }
}
