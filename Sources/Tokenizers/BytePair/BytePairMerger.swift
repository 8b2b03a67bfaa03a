/// Merges the bytes of a piece, always the pair with the earliest rule first and the leftmost of equals
/// (Sennrich et al. 2016, arXiv 1508.07909).
///
/// Short pieces are scanned for the next pair; long ones keep the pairs in a heap, so that a piece of n bytes costs
/// O(n log n).
struct BytePairMerger {
    private static let longestScan = 64
    private let merges: MergeTable
    private let byteIds: [Int32]
    private var ids: [Int32] = []
    private var rules: [MergeTable.Rule] = []
    private var heap = MergeHeap()

    /// - Parameter byteIds: the id of each byte; negative for one the vocabulary lacks, which is left out.
    init(merges: MergeTable, byteIds: [Int32]) {
        self.merges = merges
        self.byteIds = byteIds
    }

    mutating func merge(_ piece: UnsafeBufferPointer<UInt8>.SubSequence, into output: inout [Int32]) {
        ids.removeAll(keepingCapacity: true)
        for byte in piece where byteIds[Int(byte)] >= 0 { ids.append(byteIds[Int(byte)]) }
        if ids.count <= Self.longestScan { scan() } else { heap.merge(&ids, merges) }
        output.append(contentsOf: ids)
    }

    private mutating func scan() {
        rules.removeAll(keepingCapacity: true)
        for index in ids.indices.dropLast() { rules.append(merges.rule(ids[index], ids[index + 1])) }
        while true {
            var best = MergeTable.none
            var at = 0
            for index in rules.indices where rules[index] < best {
                best = rules[index]
                at = index
            }
            if best == MergeTable.none { return }
            ids[at] = MergeTable.merged(best)
            ids.remove(at: at + 1)
            rules.remove(at: at)
            if at > 0 { rules[at - 1] = merges.rule(ids[at - 1], ids[at]) }
            if at < rules.count { rules[at] = merges.rule(ids[at], ids[at + 1]) }
        }
    }
}

/// The pairs of a long piece in a binary heap over a doubly linked list of its symbols.
private struct MergeHeap {
    private struct Candidate {
        var rule: MergeTable.Rule
        var position: Int32

        @inline(__always)
        static func < (a: Candidate, b: Candidate) -> Bool {
            a.rule != b.rule ? a.rule < b.rule : a.position < b.position
        }
    }

    private var heap: [Candidate] = []
    private var previous: [Int32] = []
    private var next: [Int32] = []

    mutating func merge(_ ids: inout [Int32], _ merges: MergeTable) {
        heap.removeAll(keepingCapacity: true)
        previous = ids.indices.map { Int32($0) - 1 }
        next = ids.indices.map { $0 + 1 < ids.count ? Int32($0) + 1 : -1 }
        for index in ids.indices { propose(index, ids, merges) }
        while let candidate = pop() {
            let left = Int(candidate.position)
            let right = Int(next[left])
            // A candidate is stale when one of its symbols has changed since.
            guard ids[left] >= 0, right >= 0, merges.rule(ids[left], ids[right]) == candidate.rule else { continue }
            ids[left] = MergeTable.merged(candidate.rule)
            ids[right] = -1
            next[left] = next[right]
            if next[left] >= 0 { previous[Int(next[left])] = Int32(left) }
            propose(left, ids, merges)
            if previous[left] >= 0 { propose(Int(previous[left]), ids, merges) }
        }
        ids.removeAll { $0 < 0 }
    }

    private mutating func propose(_ left: Int, _ ids: [Int32], _ merges: MergeTable) {
        guard next[left] >= 0 else { return }
        let rule = merges.rule(ids[left], ids[Int(next[left])])
        if rule != MergeTable.none { push(Candidate(rule: rule, position: Int32(left))) }
    }

    private mutating func push(_ candidate: Candidate) {
        heap.append(candidate)
        var child = heap.count - 1
        while child > 0, heap[child] < heap[(child - 1) / 2] {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func pop() -> Candidate? {
        guard let top = heap.first, let last = heap.popLast() else { return nil }
        if heap.isEmpty { return top }
        heap[0] = last
        var parent = 0
        while true {
            var smallest = parent
            let left = 2 * parent + 1
            if left < heap.count, heap[left] < heap[smallest] { smallest = left }
            if left + 1 < heap.count, heap[left + 1] < heap[smallest] { smallest = left + 1 }
            if smallest == parent { return top }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
