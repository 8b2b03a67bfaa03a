/// How wrong answers are among the questions with the most evidence (Geifman and El-Yaniv 2017, arXiv:1705.08500). A
/// question without an answer that is answered counts as an error, and so does a refusal of one that has one.
public struct RiskCoverage: Sendable {
    public struct Point: Sendable, Hashable, Codable {
        /// Share of the questions that would be answered, those with the most evidence.
        public var coverage: Double
        /// Share of wrong answers among them.
        public var risk: Double
    }

    /// At coverages of 0.1, 0.2 … 1.
    public let points: [Point]
    /// Mean risk over all coverages; 0 is best. `nil` for no questions.
    public let area: Double?

    init(_ records: [QuestionRecord]) {
        var errors = 0, risks: [Double] = []
        for record in records.sorted(by: { ($0.evidence, $1.id) > ($1.evidence, $0.id) }) {
            if !(record.kind == .answerable && record.containsAnswer) { errors += 1 }
            risks.append(Double(errors) / Double(risks.count + 1))
        }
        area = risks.isEmpty ? nil : risks.reduce(0, +) / Double(risks.count)
        points = risks.isEmpty ? [] : (1...10).map { tenth in
            let count = max(1, (risks.count * tenth + 5) / 10)
            return Point(coverage: Double(tenth) / 10, risk: risks[min(count, risks.count) - 1])
        }
    }
}

/// What a value of `--min-evidence` would refuse.
public struct RefusalPoint: Sendable, Hashable, Codable, CustomStringConvertible {
    public var minimumEvidence: Double
    /// Share of the answerable questions.
    public var wronglyRefused: Double
    /// Shares of the questions without an answer; `nil` where none were asked.
    public var outOfScope: Double?
    public var nearMisses: Double?

    static func points(_ records: [QuestionRecord]) -> [RefusalPoint] {
        let answerable = records.filter { $0.kind == .answerable }.map(\.evidence).sorted()
        guard !answerable.isEmpty else { return [] }
        return [0.02, 0.05, 0.1, 0.2].map { share in
            let border = answerable[min(answerable.count - 1, Int(share * Double(answerable.count)))]
            func refused(_ kind: QuestionEvaluation.Kind) -> Double? {
                Measure(share: records.filter { $0.kind == kind }.map { $0.evidence < border })?.value
            }
            return RefusalPoint(
                minimumEvidence: border, wronglyRefused: refused(.answerable) ?? 0, outOfScope: refused(.outOfScope),
                nearMisses: refused(.nearMiss))
        }
    }

    public var description: String {
        let parts = [("out of scope", outOfScope), ("near misses", nearMisses)].compactMap { name, share in
            share.map { "\(name) \(Measure.digits($0))" }
        }
        return "--min-evidence \(Measure.digits(minimumEvidence)) would refuse: answerable \(Measure.digits(wronglyRefused))"
            + parts.map { ", " + $0 }.joined()
    }
}
