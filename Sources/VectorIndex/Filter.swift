/// A set of ids in ascending order.
package struct SortedIDs: Sendable {
    package let ids: [Int64]

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
    }

    package func contains(_ id: Int64) -> Bool {
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
