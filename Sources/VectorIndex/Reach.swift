/// How far from the query a walk looks: it ends at a node that lies farther than `gain` times the `rank`-th best so far.
///
/// A fixed number of candidates is too many for a question whose answers stand out and too few for one whose answers do
/// not. The rule of Al-Jazzazi and others (Distance adaptive beam search, arXiv 2505.15636) finds as much with a quarter
/// to a third fewer nodes met.
struct Reach {
    let rank: Int
    /// A squared distance is `base - factor × score`.
    private let base: Float
    private let factor: Float
    private let gain: Float
    /// What codes can be wrong by, as a squared distance: so that near copies of a query do not end a walk.
    private let noise: Float

    /// Of a walk.
    ///
    /// - Parameters:
    ///   - width: what the caller would have as candidates: the reach grows with its square root.
    ///   - share: of the vectors, those that are allowed: the fewer, the farther is the `rank`-th of them by itself.
    /// - Returns: nil where there is no distance to speak of, or codes are too coarse to tell it.
    init?(_ query: Query, code: CodeKind, k: Int, width: Int, share: Double = 1) {
        guard code != .binary else { return nil }
        switch query.metric {
        case .cosine: (base, factor) = (2, 2)
        case .euclidean: (base, factor) = (query.norm * query.norm, 1)
        case .dot: return nil
        }
        rank = max(k, Self.leastRank)
        let reach = 1 + 0.01 * (Float(width) * Float(Self.leastRank) / Float(rank)).squareRoot() * Float(share.squareRoot())
        gain = reach * reach
        noise = 3 * query.scale * query.norm
    }

    /// Of a scan, which need not keep what codes cannot have put behind the `k`-th: nil where there is no such bound.
    init?(scanning query: Query, code: CodeKind, k: Int) {
        guard code != .binary, query.metric == .cosine else { return nil }
        (rank, base, factor, gain) = (k, 2, 2, 1)
        // A step of a unit vector's code is at most 1 / 127: see `FilteredSearch.slack`.
        noise = 2 * 1.5 * Float(2).squareRoot() / 127
    }

    /// One or two nearest say little about how far others lie.
    private static let leastRank = 10
    /// Candidates that may be kept for one of `width`: hard questions need more, others stop before.
    static let room = 2

    /// The least score worth looking at, when the `rank`-th best has this one.
    func least(_ score: Float) -> Float { (base - gain * max(base - factor * score, 0) - noise) / factor }
}
