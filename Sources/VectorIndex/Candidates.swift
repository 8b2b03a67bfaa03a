internal import CKernels

/// A node and how alike it is to the query, in one integer that sorts best first and breaks ties by slot.
///
/// High half: the score's bits, mapped so that larger scores give smaller integers. Low half: slot and a flag.
struct Candidate: Comparable {
    var key: UInt64

    fileprivate init(key: UInt64) { self.key = key }

    init(score: Float, slot: Slot) {
        // -0 and 0 are one score.
        let bits = (score + 0).bitPattern
        let ascending = bits & 0x8000_0000 != 0 ? ~bits : bits | 0x8000_0000
        key = UInt64(~ascending) << 32 | UInt64(slot) << 1
    }

    var slot: Slot { Slot(truncatingIfNeeded: key) >> 1 }
    var score: Float {
        let ascending = ~UInt32(truncatingIfNeeded: key >> 32)
        return Float(bitPattern: ascending & 0x8000_0000 != 0 ? ascending & 0x7FFF_FFFF : ~ascending)
    }
    var isExpanded: Bool { key & 1 != 0 }
    /// The same without the flag, so that equal candidates are equal.
    var unexpanded: Candidate { Candidate(key: key & ~1) }

    static func < (a: Candidate, b: Candidate) -> Bool { a.key < b.key }
}

extension UnsafeMutablePointer<Candidate> {
    /// Puts a candidate in its place among `count` sorted ones, before one equal to it, and returns the place.
    @inline(__always)
    func insertSorted(_ candidate: Candidate, count: Int) -> Int {
        withMemoryRebound(to: UInt64.self, capacity: count + 1) { ck_insert_u64($0, count, candidate.key) }
    }
}

/// The best candidates met so far, sorted, at most `width` of them; each can be marked as expanded.
///
/// A sorted array beats two heaps at the widths in use: an insertion moves a few hundred bytes.
struct CandidatePool: ~Copyable {
    private var items: UnsafeMutablePointer<Candidate>
    private var room: Int
    private(set) var count = 0
    private(set) var width: Int
    /// Everything before it is expanded.
    private var cursor = 0
    private var reach: Reach?
    /// Candidates from here on are of no use: the pool is full of better ones, or they are out of reach.
    private var bound = UInt64.max
    private var farthest = UInt64.max

    init(width: Int) {
        self.width = width
        room = width + 1
        items = .allocate(capacity: room)
    }

    deinit { items.deallocate() }

    mutating func reset(width: Int, reach: Reach? = nil) {
        if width + 1 > room {
            items.deallocate()
            room = width + 1
            items = .allocate(capacity: room)
        }
        self.width = width
        self.reach = reach
        count = 0
        cursor = 0
        (bound, farthest) = (.max, .max)
    }

    /// Whether the candidate would be kept.
    @inline(__always)
    func accepts(_ candidate: Candidate) -> Bool { candidate.key < bound }
    /// No candidate with a lower score would be kept.
    @inline(__always)
    var leastScore: Float { bound == .max ? -.infinity : Candidate(key: bound).score }
    var all: UnsafeBufferPointer<Candidate> { UnsafeBufferPointer(start: items, count: count) }

    @inline(__always)
    mutating func insert(_ candidate: Candidate) {
        if accepts(candidate) { place(candidate) }
    }

    /// Puts a candidate in its place, unless it is there.
    private mutating func place(_ candidate: Candidate) {
        // There is room for one more than the width.
        let low = items.insertSorted(candidate, count: count)
        if low < count, items[low + 1].unexpanded == candidate {
            (items + low).update(from: items + low + 1, count: count - low)
            return
        }
        count = min(count + 1, width)
        if low < cursor { cursor = low }
        if let reach, low < reach.rank, count >= reach.rank {
            farthest = Candidate(score: reach.least(items[reach.rank - 1].score), slot: 0).key
        }
        bound = count == width ? min(items[count - 1].key, farthest) : farthest
    }

    /// The best candidates not yet expanded, `most` of them.
    @inline(__always)
    func forNextUnexpanded(_ most: Int, _ body: (Candidate) -> Void) {
        var (place, left) = (cursor, most)
        while place < count, left > 0 {
            if !items[place].isExpanded {
                body(items[place])
                left -= 1
            }
            place += 1
        }
    }

    /// The best candidate not yet expanded and within reach, which it now is.
    mutating func popUnexpanded() -> Candidate? {
        while cursor < count, items[cursor].key < farthest {
            if !items[cursor].isExpanded {
                items[cursor].key |= 1
                cursor += 1
                return items[cursor - 1]
            }
            cursor += 1
        }
        return nil
    }
}

/// The best candidates of a scan, which looks at all of them and not at what is near the best.
///
/// They are put down as they come and looked at many at a time: which of them is of use is known only when the `rank` best
/// are, and a decision for each at once would be guessed wrongly by the processor half of the time.
struct ScanPool: ~Copyable {
    private var met: UnsafeMutablePointer<Candidate>
    private var count = 0
    private var room = 512
    /// The best of those before `seen` in `met`, sorted.
    private let best: UnsafeMutablePointer<Candidate>
    private var bestCount = 0
    private var seen = 0
    private let rank: Int
    private let width: Int
    private let reach: Reach?
    private var farthest = UInt64.max

    init(width: Int, reach: Reach?) {
        (self.width, self.reach) = (width, reach)
        rank = reach?.rank ?? width
        met = .allocate(capacity: room)
        best = .allocate(capacity: rank + 1)
    }

    deinit {
        met.deallocate()
        best.deallocate()
    }

    @inline(__always)
    mutating func insert(_ candidate: Candidate) {
        if count == room { makeRoom() }
        met[count] = candidate
        count += 1
    }

    /// The best, best first: `width` of them, or those within reach.
    mutating func sorted() -> [Candidate] {
        lookAtMet()
        guard reach != nil else { return Array(UnsafeBufferPointer(start: best, count: bestCount)) }
        var found = [Candidate](unsafeUninitializedCapacity: count + 1) { buffer, filled in
            guard let start = buffer.baseAddress else { return }
            if count <= Self.few {
                for index in 0..<count { _ = start.insertSorted(met[index], count: index) }
            } else {
                start.initialize(from: met, count: count)
            }
            filled = count
        }
        if count > Self.few { found.sort() }
        return found.count > width ? Array(found.prefix(width)) : found
    }

    /// Put in their places one by one.
    private static let few = 64

    /// Ranks those not yet seen, and keeps of all what is still of use.
    private mutating func lookAtMet() {
        for index in seen..<count where bestCount < rank || met[index] < best[rank - 1] { place(met[index]) }
        if let reach, bestCount == rank { farthest = Candidate(score: reach.least(best[rank - 1].score), slot: 0).key }
        var kept = 0
        for index in 0..<count where reach != nil {
            met[kept] = met[index]
            kept += met[index].key < farthest ? 1 : 0
        }
        (count, seen) = (kept, kept)
    }

    private mutating func place(_ candidate: Candidate) {
        _ = best.insertSorted(candidate, count: bestCount)
        bestCount = min(bestCount + 1, rank)
    }

    private mutating func makeRoom() {
        lookAtMet()
        guard count > room / 2 else { return }
        let wider = UnsafeMutablePointer<Candidate>.allocate(capacity: 2 * room)
        wider.update(from: met, count: count)
        met.deallocate()
        (met, room) = (wider, 2 * room)
    }
}

/// Candidates whose best comes out first: a binary heap.
struct Frontier {
    private var heap: [Candidate] = []

    mutating func removeAll() { heap.removeAll(keepingCapacity: true) }

    mutating func push(_ candidate: Candidate) {
        heap.append(candidate)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child] < heap[parent] else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    mutating func pop() -> Candidate? {
        guard let best = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return best }
        heap[0] = last
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < heap.count else { return best }
            if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
            guard heap[child] < heap[parent] else { return best }
            heap.swapAt(child, parent)
            parent = child
        }
    }
}

/// The slots a walk has met, but for a few: one takes the place of another, which then seems new when it is met again. So
/// nothing is decided by what a place holds, which the processor would guess wrongly half of the time.
struct RecentSlots: ~Copyable {
    private var table: UnsafeMutablePointer<UInt32>?
    private static let count = 1 << 13
    private static let empty = UInt32.max

    init() {}

    deinit { table?.deallocate() }

    mutating func removeAll() {
        let places = table ?? .allocate(capacity: Self.count)
        places.update(repeating: Self.empty, count: Self.count)
        table = places
    }

    /// Copies to `new` the slots that are not there, and adds them. Returns how many they are.
    @inline(__always)
    mutating func insert(_ slots: UnsafeBufferPointer<Slot>, new: UnsafeMutablePointer<Slot>) -> Int {
        guard let table else { return 0 }
        var count = 0
        for slot in slots {
            let place = table + Self.place(slot)
            new[count] = slot
            count &+= place.pointee == slot ? 0 : 1
            place.pointee = slot
        }
        return count
    }

    mutating func insert(_ slot: Slot) { if let table { table[Self.place(slot)] = slot } }

    @inline(__always)
    private static func place(_ slot: Slot) -> Int { Int((slot &* 0x9E37_79B1) >> 19) }
}

/// The slots a filtered walk has met: an open-addressing hash set, whose size follows the walk and not the index.
struct VisitedSet: ~Copyable {
    private var table: UnsafeMutablePointer<UInt32>
    private var mask: Int
    private(set) var count = 0
    private static let empty = UInt32.max
    private static let leastMask = (1 << 12) - 1

    /// With room for nothing until a walk begins: scans need none.
    init() {
        mask = 0
        table = .allocate(capacity: mask + 1)
        table.initialize(repeating: Self.empty, count: mask + 1)
    }

    deinit { table.deallocate() }

    mutating func removeAll() {
        if mask < Self.leastMask {
            table.deallocate()
            mask = Self.leastMask
            table = .allocate(capacity: mask + 1)
        }
        table.update(repeating: Self.empty, count: mask + 1)
        count = 0
    }

    /// True when it was not there yet.
    @inline(__always)
    mutating func insert(_ slot: Slot) -> Bool {
        var place = Self.hash(slot) & mask
        while table[place] != Self.empty {
            if table[place] == slot { return false }
            place = (place + 1) & mask
        }
        table[place] = slot
        count += 1
        if 2 * count > mask { grow() }
        return true
    }

    private mutating func grow() {
        let old = table
        let oldCount = mask + 1
        mask = 2 * oldCount - 1
        table = .allocate(capacity: mask + 1)
        table.initialize(repeating: Self.empty, count: mask + 1)
        for index in 0..<oldCount where old[index] != Self.empty {
            var place = Self.hash(old[index]) & mask
            while table[place] != Self.empty { place = (place + 1) & mask }
            table[place] = old[index]
        }
        old.deallocate()
    }

    private static func hash(_ slot: Slot) -> Int { Int((slot &* 0x9E37_79B1) >> 8) ^ Int(slot & 0xFF) }
}
