/// A number with what it counts or measures.
struct Quantity: Sendable {
    /// What is said of the number's limits.
    enum Bound: Sendable { case exact, above, below, atLeast, atMost }

    var value: Double
    var isOrdinal: Bool
    var isDecade: Bool
    /// Possible readings of its unit; empty without one.
    var units: [MeasureUnit]
    /// Keys of the words behind it: what is counted.
    var nouns: Set<String>
    /// Keys of the word in front of it: `chapter 3`.
    var label: String?
    var bound: Bound

    /// Whether both are the same amount of the same dimension, nouns and bounds aside.
    func equals(_ other: Quantity) -> Bool {
        guard isDecade == other.isDecade else { return false }
        if units.isEmpty || other.units.isEmpty { return Self.near(value, other.value) && admitsUnit(of: other) }
        return units.contains { unit in
            other.units.contains { $0.dimension == unit.dimension && Self.near(value * unit.factor, other.value * $0.factor) }
        }
    }

    /// A number without a unit can be one with a unit unless it says itself what it counts.
    private func admitsUnit(of other: Quantity) -> Bool {
        if units.isEmpty && other.units.isEmpty { return true }
        return units.isEmpty ? nouns.isEmpty : other.nouns.isEmpty
    }

    func isOfSameKind(as other: Quantity) -> Bool {
        if units.isEmpty || other.units.isEmpty { return units.isEmpty && other.units.isEmpty && isOrdinal == other.isOrdinal }
        return units.contains { unit in other.units.contains { $0.dimension == unit.dimension } }
    }

    /// Whether a source that says `other` bears out this bound.
    func boundFollows(from other: Quantity) -> Bool {
        switch (bound, other.bound) {
        case (.exact, .below): false
        case (.exact, _): true
        case (.above, .above), (.below, .below), (.atLeast, .atLeast), (.atMost, .atMost): true
        case (.atLeast, .above), (.atMost, .below): true
        default: false
        }
    }

    static func near(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-9 * max(abs(a), abs(b)) }
}

/// A day, a month or a year, as far as it is named.
struct StatedDate: Sendable, Equatable {
    var year: Int?
    var month: Int?
    var day: Int?

    /// Whether everything this date names is named the same by another.
    func follows(from other: StatedDate) -> Bool {
        (year == nil || year == other.year) && (month == nil || month == other.month) && (day == nil || day == other.day)
    }

    /// Whether the two name nothing differently.
    func agrees(with other: StatedDate) -> Bool {
        func same(_ a: Int?, _ b: Int?) -> Bool { a == nil || b == nil || a == b }
        return same(year, other.year) && same(month, other.month) && same(day, other.day)
    }
}

/// A time of day.
struct ClockTime: Sendable, Equatable {
    /// Since midnight.
    var minutes: Int
    /// Whether it could be twelve hours later too: "at nine".
    var isAmbiguous: Bool

    func agrees(with other: ClockTime) -> Bool {
        isAmbiguous || other.isAmbiguous ? minutes % 720 == other.minutes % 720 : minutes % 1440 == other.minutes % 1440
    }
}

/// Something a statement says that can be compared as a whole.
enum StatedValue: Sendable {
    case quantity(Quantity)
    /// Several readings of one date: `03/06/2020`.
    case date([StatedDate])
    case time(ClockTime)
    /// 1 is Monday.
    case weekdays(Set<Int>)
}

/// A value and the tokens it was read from.
struct ValueMention: Sendable {
    var value: StatedValue
    var tokens: Range<Int>
    /// As written.
    var text: String

    /// Whether two values could stand in each other's place, so that exchanging them says something else.
    func isOfSameKind(as other: ValueMention) -> Bool {
        switch (value, other.value) {
        case (.quantity(let a), .quantity(let b)): a.isOfSameKind(as: b)
        case (.date, .date), (.time, .time), (.weekdays, .weekdays): true
        default: false
        }
    }

    /// Whether a source that holds `other` holds this value; what is counted aside.
    func follows(from other: ValueMention) -> Bool {
        switch (value, other.value) {
        case (.quantity(let a), .quantity(let b)):
            a.isDecade && !b.isDecade ? Self.decade(a.value, holds: Int(exactly: b.value)) : a.equals(b)
        case (.date(let a), .date(let b)): a.contains { date in b.contains { date.follows(from: $0) } }
        case (.quantity(let a), .date(let b)):
            b.contains { date in
                if a.isDecade { return Self.decade(a.value, holds: date.year) }
                if a.isOrdinal, a.nouns.contains(Self.century) { return date.year.map { ($0 + 99) / 100 == Int(exactly: a.value) } ?? false }
                return a.units.isEmpty && a.nouns.isEmpty && date.year != nil && Int(exactly: a.value) == date.year
            }
        case (.date(let a), .quantity(let b)):
            a.contains { $0.month == nil && $0.day == nil && b.units.isEmpty && !b.isDecade && $0.year == Int(exactly: b.value) }
        case (.time(let a), .time(let b)): a.agrees(with: b)
        case (.time(let a), .quantity(let b)):
            a.isAmbiguous && b.units.isEmpty && !b.isOrdinal && b.nouns.isEmpty && Int(exactly: b.value * 60).map { $0 % 720 == a.minutes % 720 } ?? false
        case (.quantity(let a), .time(let b)):
            a.units.isEmpty && !a.isOrdinal && a.nouns.isEmpty && Int(exactly: a.value * 60).map { $0 % 720 == b.minutes % 720 } ?? false
        case (.weekdays(let a), .weekdays(let b)): a.isSubset(of: b)
        default: false
        }
    }

    private static func decade(_ start: Double, holds year: Int?) -> Bool {
        year.map { $0 / 10 * 10 == Int(exactly: start) } ?? false
    }

    private static let century = Wording.key(ofWord: "century")
}
