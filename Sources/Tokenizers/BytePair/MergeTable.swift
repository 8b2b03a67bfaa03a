/// Merge rules by the pair of ids they join, in open addressing.
struct MergeTable: Sendable {
    /// Rank in the upper half, resulting id in the lower: smaller is merged earlier.
    typealias Rule = UInt64

    static let none = Rule.max
    private static let free = UInt64.max
    /// Key and rule in turn.
    private var slots: [UInt64]
    private let shift: UInt64

    /// - Parameter capacity: the largest number of rules that will be inserted.
    init(capacity: Int) {
        var bits: UInt64 = 4
        while 1 << bits < capacity * 3 / 2 { bits += 1 }
        slots = [UInt64](repeating: Self.free, count: 2 << bits)
        shift = 64 - bits
    }

    /// Adds a rule; false when the pair has one.
    mutating func insert(_ left: Int32, _ right: Int32, rank: Int, merged: Int32) -> Bool {
        let key = Self.key(left, right)
        var slot = self.slot(key)
        while slots[slot] != Self.free {
            if slots[slot] == key { return false }
            slot = next(slot)
        }
        slots[slot] = key
        slots[slot + 1] = UInt64(UInt32(truncatingIfNeeded: rank)) << 32 | UInt64(UInt32(bitPattern: merged))
        return true
    }

    /// The rule for a pair, or `none`.
    @inline(__always)
    func rule(_ left: Int32, _ right: Int32) -> Rule {
        let key = Self.key(left, right)
        var slot = self.slot(key)
        while true {
            let found = slots[slot]
            if found == key { return slots[slot + 1] }
            if found == Self.free { return Self.none }
            slot = next(slot)
        }
    }

    /// The id a rule results in.
    @inline(__always)
    static func merged(_ rule: Rule) -> Int32 { Int32(truncatingIfNeeded: rule) }

    @inline(__always)
    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    @inline(__always)
    private func slot(_ key: UInt64) -> Int { Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> shift) << 1 }

    @inline(__always)
    private func next(_ slot: Int) -> Int { slot + 2 < slots.count ? slot + 2 : 0 }
}
