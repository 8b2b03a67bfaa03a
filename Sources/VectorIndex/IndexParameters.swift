/// How alike two vectors are. The larger the score, the more alike.
package enum Metric: String, Sendable, Hashable, Codable, CaseIterable {
    /// Cosine of the angle. Vectors are stored at length 1, so that it equals the dot product.
    case cosine
    /// The dot product of vectors as they are.
    case dot
    /// Minus the Euclidean distance of vectors as they are.
    case euclidean

    /// What the vector adds to every score that it takes part in.
    ///
    /// Scores within the index are products for `cosine` and `dot`, and 2a·b − a·a − b·b, minus the squared
    /// distance, for `euclidean`; where one vector stays the same its own square is left out.
    func bias(of vector: [Float]) -> Float {
        self == .euclidean ? -Float(vector.reduce(0.0) { $0 + Double($1) * Double($1) }) : 0
    }
    /// What products are multiplied by.
    var productFactor: Float { self == .euclidean ? 2 : 1 }

    /// The score as users see it, from a product and the two vectors' biases.
    func score(product: Float, _ a: Float, _ b: Float) -> Float {
        self == .euclidean ? -max(0, -(2 * product + a + b)).squareRoot() : product
    }
}

/// What is fixed when an index is made, and stored with it.
///
/// The names are those of the paper (Malkov and Yashunin, arXiv 1603.09320).
package struct IndexParameters: Hashable, Sendable {
    static let mostDimension = 65_536
    /// Elements of a vector, 1 ... 65,536.
    package var dimension: Int
    package var metric: Metric = .cosine
    /// Neighbours chosen for a new node on each level (M), 2 ... 128; level 0 keeps up to twice as many.
    package var neighbors: Int = 16
    /// Candidates looked at for a new node's neighbours (efConstruction).
    package var constructionWidth: Int = 128
    /// Decides, together with a vector's id, the levels it lives on: the same input gives the same graph.
    package var seed: UInt64 = 0
    /// What walks through the graph read.
    package var code: CodeKind = .int8

    package init(
        dimension: Int, metric: Metric = .cosine, neighbors: Int = 16, constructionWidth: Int = 128, seed: UInt64 = 0,
        code: CodeKind = .int8
    ) {
        self.dimension = dimension
        self.metric = metric
        self.neighbors = neighbors
        self.constructionWidth = constructionWidth
        self.seed = seed
        self.code = code
    }

    func validate() throws {
        guard (1...Self.mostDimension).contains(dimension) else {
            throw VectorIndexError.badParameter("dimension \(dimension) is not in 1...\(Self.mostDimension)")
        }
        guard (2...128).contains(neighbors) else {
            throw VectorIndexError.badParameter("neighbors \(neighbors) is not in 2...128")
        }
        guard (1...100_000).contains(constructionWidth) else {
            throw VectorIndexError.badParameter("constructionWidth \(constructionWidth) is not in 1...100000")
        }
    }

    /// The highest level a node lives on: exponentially rare, by a hash of its id instead of a random number.
    func level(of id: Int64) -> Int {
        // SplitMix64's finaliser: every bit of the id and the seed reaches every bit of the result.
        var bits = UInt64(bitPattern: id) &+ (seed &+ 1) &* 0x9E37_79B9_7F4A_7C15
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        bits ^= bits >> 31
        // P(level ≥ l) = M⁻ˡ, counted in whole steps so that no platform's logarithm can round differently.
        var level = 0
        var threshold = UInt64.max / UInt64(neighbors)
        while level < LinkLayout.highestLevel, bits < threshold {
            level += 1
            threshold /= UInt64(neighbors)
        }
        return level
    }
}
