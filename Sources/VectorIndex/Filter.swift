/// A set of ids in ascending order.
package struct SortedIDs: Sendable {
    package let ids: [Int64]
    private let first: Int64
    private let bits: [UInt64]

    /// Sorts if need be, and drops repetitions.
    package init(_ ids: some Sequence<Int64>) {
        var sorted = Array(ids)
        if !zip(sorted, sorted.dropFirst()).allSatisfy({ $0 < $1 }) {
            sorted.sort()
            var kept = 0
            for index in sorted.indices where index == 0 || sorted[index] != sorted[kept - 1] {
                sorted[kept] = sorted[index]
                kept += 1
            }
            sorted.removeLast(sorted.count - kept)
        }
        self.ids = sorted
        (first, bits) = Self.bitmap(sorted)
    }

    /// A bit for each number of the range, where that takes no more than the ids do.
    private static func bitmap(_ sorted: [Int64]) -> (Int64, [UInt64]) {
        guard let first = sorted.first, let last = sorted.last, case let (span, overflow) = last.subtractingReportingOverflow(first),
            !overflow, span / 64 <= sorted.count
        else { return (0, []) }
        var bits = [UInt64](repeating: 0, count: Int(span / 64) + 1)
        for id in sorted { bits[Int((id - first) / 64)] |= 1 << UInt64((id - first) % 64) }
        return (first, bits)
    }

    package func contains(_ id: Int64) -> Bool {
        if !bits.isEmpty {
            let (offset, overflow) = id.subtractingReportingOverflow(first)
            guard !overflow, offset >= 0, offset / 64 < bits.count else { return false }
            return bits[Int(offset / 64)] >> UInt64(offset % 64) & 1 == 1
        }
        var low = 0
        var high = ids.count
        while low < high {
            let middle = (low + high) / 2
            if ids[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low < ids.count && ids[low] == id
    }
}

/// Which vectors a search may return.
package enum Filter {
    case all
    /// Best when the set is known: its size decides how to search.
    case ids(SortedIDs)
    /// Asked about the ids that a search meets, some of them often, in no particular order.
    case matching((Int64) -> Bool)

    func allows(_ id: Int64) -> Bool {
        switch self {
        case .all: true
        case .ids(let allowed): allowed.contains(id)
        case .matching(let allows): allows(id)
        }
    }
}
