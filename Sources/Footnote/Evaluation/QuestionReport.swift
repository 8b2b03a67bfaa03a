/// A mean over questions with its standard error.
public struct Measure: Sendable, Hashable, Codable {
    public var value: Double
    public var count: Int
    /// Standard error of the mean, 0 for fewer than two.
    public var standardError: Double

    /// `nil` for no values: there is nothing to say, and never a NaN.
    init?(_ values: [Double]) {
        guard !values.isEmpty else { return nil }
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        value = mean
        count = values.count
        standardError = values.count > 1 ? (squares / Double(values.count - 1) / Double(values.count)).squareRoot() : 0
    }

    init?(share values: [Bool]) { self.init(values.map { $0 ? 1 : 0 }) }
}

/// The figures of an evaluation, by name. Larger is better but for those in `smallerIsBetter`.
public struct QuestionReport: Sendable, Codable {
    public var passages: Int
    public var questions: Int
    public var model: String?
    public var extractive: Bool
    public var seed: UInt64
    public var measures: [String: Measure]
    /// Share of questions answered against the share of wrong ones among those, from the most to the least evident.
    public var riskCoverageArea: Double?

    /// In the order in which they are printed.
    public static let order = [
        "hit@1 lexical", "hit@1 dense", "hit@1 hybrid", "hit@1 reranked", "hit@3 lexical", "hit@3 dense", "hit@3 hybrid", "hit@3 reranked",
        "hit@10 lexical", "hit@10 dense", "hit@10 hybrid", "hit@10 reranked", "mrr lexical", "mrr dense", "mrr hybrid", "mrr reranked",
        "contains answer", "exact match", "token f1", "quote holds answer",
        "sentences cited", "citations to the passage", "exact quotes", "wrongly supported",
        "wrongly refused", "refused out of scope", "refused near misses",
        "seconds to first word", "seconds to answer", "tokens read",
    ]
    static let smallerIsBetter: Set = ["wrongly supported", "wrongly refused"]
    /// Depend on the machine, so that a baseline does not hold them against it.
    static let timings: Set = ["seconds to first word", "seconds to answer", "tokens read"]

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
        measures["exact match"] = Measure(share: answerable.map(\.isExact))
        measures["token f1"] = Measure(answerable.map(\.f1))
        measures["quote holds answer"] = Measure(share: answerable.map(\.quoteHoldsAnswer))
        measures["sentences cited"] = Self.ratio(records, of: \.citedSentences, to: \.sentences)
        measures["citations to the passage"] = Self.ratio(
            answered.filter { $0.ranks["reranked"] != nil }, of: \.rightlyCited, to: \.citedSentences)
        measures["exact quotes"] = Self.ratio(records, of: \.exactQuotes, to: \.citations)
        measures["wrongly supported"] = Self.ratio(answerable, of: \.wronglySupported, to: \.supported)
        measures["wrongly refused"] = Measure(share: answerable.map(\.isRefused))
        measures["refused out of scope"] = Measure(share: records.filter { $0.kind == .outOfScope }.map(\.isRefused))
        measures["refused near misses"] = Measure(share: records.filter { $0.kind == .nearMiss }.map(\.isRefused))
        measures["seconds to first word"] = Measure(records.compactMap(\.secondsToFirstWord))
        measures["seconds to answer"] = Measure(records.map(\.seconds))
        measures["tokens read"] = Measure(answered.map { Double($0.tokensRead) })
        self.measures = measures
        riskCoverageArea = Self.riskCoverageArea(records)
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

    /// Mean risk over all coverages (Geifman and El-Yaniv 2017, arXiv:1705.08500), where answering a question that has no
    /// answer is an error; 0 is best.
    private static func riskCoverageArea(_ records: [QuestionRecord]) -> Double? {
        guard !records.isEmpty else { return nil }
        var errors = 0, area = 0.0
        for (index, record) in records.sorted(by: { ($0.evidence, $1.id) > ($1.evidence, $0.id) }).enumerated() {
            if !(record.kind == .answerable && record.containsAnswer) { errors += 1 }
            area += Double(errors) / Double(index + 1)
        }
        return area / Double(records.count)
    }

    /// Measures that are worse than in an earlier report by more than chance explains (1.96 standard errors of the
    /// difference), in words.
    public func regressions(against baseline: QuestionReport) -> [String] {
        Self.order.compactMap { name in
            guard !Self.timings.contains(name), let new = measures[name], let old = baseline.measures[name] else { return nil }
            let change = Self.smallerIsBetter.contains(name) ? new.value - old.value : old.value - new.value
            let error = (new.standardError * new.standardError + old.standardError * old.standardError).squareRoot()
            guard change > 1.96 * error + 1e-9 else { return nil }
            return "\(name): \(Self.digits(new.value)), was \(Self.digits(old.value))"
        }
    }

    static func digits(_ value: Double) -> String {
        let thousandths = Int((value * 1000).rounded())
        let fraction = String(abs(thousandths) % 1000)
        return "\(thousandths < 0 ? "-" : "")\(abs(thousandths) / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }

    /// One line for each measure.
    public var table: String {
        Self.order.compactMap { name in
            measures[name].map { measure in
                let padding = String(repeating: " ", count: max(1, 28 - name.count))
                return "\(name)\(padding)\(Self.digits(measure.value)) ± \(Self.digits(1.96 * measure.standardError))  (\(measure.count))"
            }
        }.joined(separator: "\n") + (riskCoverageArea.map { "\nrisk–coverage area          \(Self.digits($0))" } ?? "") + "\n"
    }
}
