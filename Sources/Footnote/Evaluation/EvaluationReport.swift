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

extension Measure {
    /// Three decimals; the same on every machine and in every locale.
    static func digits(_ value: Double) -> String {
        let thousandths = Int((value * 1000).rounded())
        let fraction = String(abs(thousandths) % 1000)
        let sign = thousandths < 0 ? "-" : ""
        return "\(sign)\(abs(thousandths) / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}

/// Figures by name: what every evaluation reports, prints and compares with an earlier run.
public protocol EvaluationReport: Sendable, Codable {
    var measures: [String: Measure] { get }
    /// Names of measures in the order in which they are printed.
    static var order: [String] { get }
    static var smallerIsBetter: Set<String> { get }
    /// Depend on the machine, so that a baseline does not hold them against it.
    static var timings: Set<String> { get }
    /// Lines below the table.
    var remarks: [String] { get }
}

extension EvaluationReport {
    public static var smallerIsBetter: Set<String> { [] }
    public static var timings: Set<String> { [] }
    public var remarks: [String] { [] }

    /// Measures that are worse than in an earlier report by more than chance explains (1.96 standard errors of the
    /// difference), in words.
    public func regressions(against baseline: Self) -> [String] {
        Self.order.compactMap { name in
            guard !Self.timings.contains(name), let new = measures[name], let old = baseline.measures[name] else { return nil }
            let change = Self.smallerIsBetter.contains(name) ? new.value - old.value : old.value - new.value
            let error = (new.standardError * new.standardError + old.standardError * old.standardError).squareRoot()
            guard change > 1.96 * error + 1e-9 else { return nil }
            return "\(name): \(Measure.digits(new.value)), was \(Measure.digits(old.value))"
        }
    }

    /// One line for each measure: its value, 1.96 standard errors, and over how many questions.
    public var table: String {
        let lines = Self.order.compactMap { name in
            measures[name].map { measure in
                let padding = String(repeating: " ", count: max(1, 28 - name.count))
                let error = Measure.digits(1.96 * measure.standardError)
                return "\(name)\(padding)\(Measure.digits(measure.value)) ± \(error)  (\(measure.count))"
            }
        }
        return (lines + remarks).joined(separator: "\n") + "\n"
    }
}
