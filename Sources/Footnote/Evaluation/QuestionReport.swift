/// The figures of an evaluation, by name. Larger is better but for those in `smallerIsBetter`.
public struct QuestionReport: EvaluationReport {
    public var passages: Int
    public var questions: Int
    public var model: String?
    public var extractive: Bool
    public var seed: UInt64
    public var measures: [String: Measure]
    /// Share of questions answered against the share of wrong ones among those, from the most to the least evident.
    public var riskCoverageArea: Double?
    /// Points of that curve: coverage in tenths.
    public var riskCoverage: [RiskCoverage.Point]?
    /// What other values of `--min-evidence` would refuse.
    public var refusals: [RefusalPoint]?

    /// In the order in which they are printed.
    public static let order = [
        "hit@1 lexical", "hit@1 dense", "hit@1 hybrid", "hit@1 reranked", "hit@3 lexical", "hit@3 dense", "hit@3 hybrid", "hit@3 reranked",
        "hit@10 lexical", "hit@10 dense", "hit@10 hybrid", "hit@10 reranked", "mrr lexical", "mrr dense", "mrr hybrid", "mrr reranked",
        "contains answer", "fact stated", "fact exact match", "fact token f1", "quote holds answer",
        "sentences cited", "right passage cited", "citations to the passage", "exact quotes", "wrongly supported",
        "wrongly refused", "refused out of scope", "refused near misses",
        "seconds to first word", "seconds to answer", "tokens read", "tokens written",
    ]
    public static let smallerIsBetter: Set<String> = ["wrongly supported", "wrongly refused"]
    /// Depend on the machine, so that a baseline does not hold them against it.
    public static let timings: Set<String> = ["seconds to first word", "seconds to answer", "tokens read", "tokens written"]

    init(records: [QuestionRecord], passages: Int, options: QuestionEvaluationOptions, model: String?) {
        self.passages = passages
        questions = records.count
        self.model = model
        extractive = options.ask.extractive
        seed = options.seed
        let answerable = records.filter { $0.kind == .answerable }
        var measures = Self.retrieval(answerable)
        let answered = answerable.filter { !$0.isRefused }
        measures["contains answer"] = Measure(share: answerable.map(\.containsAnswer))
        measures["fact stated"] = Measure(share: answerable.map(\.statesFact))
        measures["fact exact match"] = Measure(share: answerable.map(\.isExact))
        measures["fact token f1"] = Measure(answerable.map(\.f1))
        measures["quote holds answer"] = Measure(share: answerable.map(\.quoteHoldsAnswer))
        measures["sentences cited"] = Self.ratio(records, of: \.citedSentences, to: \.sentences)
        measures["citations to the passage"] = Self.ratio(
            answered.filter { $0.ranks["reranked"] != nil }, of: \.rightlyCited, to: \.citedSentences)
        measures["right passage cited"] = Measure(
            share: answered.filter { $0.ranks["reranked"] != nil && $0.citedSentences > 0 }.map { $0.rightlyCited > 0 })
        measures["exact quotes"] = Self.ratio(records, of: \.exactQuotes, to: \.citations)
        measures["wrongly supported"] = Self.ratio(answerable, of: \.wronglySupported.count, to: \.supported)
        measures["wrongly refused"] = Measure(share: answerable.map(\.isRefused))
        measures["refused out of scope"] = Measure(share: records.filter { $0.kind == .outOfScope }.map(\.isRefused))
        measures["refused near misses"] = Measure(share: records.filter { $0.kind == .nearMiss }.map(\.isRefused))
        measures["seconds to first word"] = Measure(records.compactMap(\.secondsToFirstWord))
        measures["seconds to answer"] = Measure(records.map(\.seconds))
        measures["tokens read"] = Measure(answered.map { Double($0.tokensRead) })
        measures["tokens written"] = Measure(answered.map { Double($0.tokensWritten) })
        self.measures = measures
        let curve = RiskCoverage(records)
        riskCoverageArea = curve.area
        riskCoverage = curve.points
        refusals = RefusalPoint.points(records)
    }

    private static func retrieval(_ records: [QuestionRecord]) -> [String: Measure] {
        var measures: [String: Measure] = [:]
        for mode in SearchOptions.Mode.allCases.map(\.rawValue) + ["reranked"] {
            for depth in [1, 3, 10] {
                measures["hit@\(depth) \(mode)"] = Measure(share: records.map { $0.ranks[mode].map { $0 <= depth } ?? false })
            }
            measures["mrr \(mode)"] = Measure(records.map { $0.ranks[mode].map { 1 / Double($0) } ?? 0 })
        }
        return measures
    }

    /// A share of all sentences or citations, each counting as one.
    private static func ratio(
        _ records: [QuestionRecord], of part: KeyPath<QuestionRecord, Int>, to whole: KeyPath<QuestionRecord, Int>
    ) -> Measure? {
        Measure(share: records.flatMap { record in
            (0..<record[keyPath: whole]).map { $0 < record[keyPath: part] }
        })
    }

    public var remarks: [String] {
        let area = riskCoverageArea.map { ["risk–coverage area          \(Measure.digits($0))"] } ?? []
        return area + (refusals ?? []).map(\.description)
    }
}
