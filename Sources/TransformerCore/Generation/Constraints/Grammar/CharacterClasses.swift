/// Sets of characters as automata over the bytes of UTF-8: a character is read byte by byte, and none of its bytes is
/// read that could not be completed.
struct CharacterClasses: Sendable {
    /// Bytes from `low` to `high` lead to `next`, or complete the character.
    struct Edge: Sendable {
        let low: UInt8
        let high: UInt8
        let next: Int32

        static let complete: Int32 = -1
    }

    private struct Key: Hashable {
        let lows: [UInt32]
        let highs: [UInt32]
    }

    private(set) var nodes: [[Edge]] = []
    /// For each node, the fewest bytes that complete the character.
    private(set) var bytesLeft: [Int32] = []
    private var known: [Key: Int32] = [:]
    /// Nodes that take one to three continuation bytes, whatever they are.
    private var continuations: [Int32] = []

    /// The node that reads a character of these ranges; nil when there is none.
    mutating func root(_ ranges: [ClosedRange<UInt32>]) -> Int32? {
        let merged = Self.merged(ranges)
        guard !merged.isEmpty else { return nil }
        let key = Key(lows: merged.map(\.lowerBound), highs: merged.map(\.upperBound))
        if let root = known[key] { return root }
        var edges: [Edge] = []
        for (length, range) in [(1, 0...0x7F), (2, 0x80...0x7FF), (3, 0x800...0xFFFF), (4, 0x10000...0x10FFFF)] as [(Int, ClosedRange<UInt32>)] {
            let part = merged.filter { $0.overlaps(range) }.map { $0.clamped(to: range) }
            edges += self.edges(part, bytes: length, lead: Self.leads[length - 1])
        }
        let root = add(edges)
        known[key] = root
        return root
    }

    private static let leads: [UInt8] = [0, 0xC0, 0xE0, 0xF0]
    private static let surrogates: ClosedRange<UInt32> = 0xD800...0xDFFF

    /// Sorted, without overlaps, surrogates and numbers that are no code points.
    static func merged(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        let valid = ranges.flatMap { range -> [ClosedRange<UInt32>] in
            var parts: [ClosedRange<UInt32>] = []
            let top = min(range.upperBound, 0x10FFFF)
            if range.lowerBound < surrogates.lowerBound {
                parts.append(range.lowerBound...min(top, surrogates.lowerBound - 1))
            }
            if top > surrogates.upperBound { parts.append(max(range.lowerBound, surrogates.upperBound + 1)...top) }
            return parts.filter { $0.lowerBound <= top }
        }.sorted { $0.lowerBound < $1.lowerBound }
        var result: [ClosedRange<UInt32>] = []
        for range in valid {
            if let last = result.last, range.lowerBound <= last.upperBound + 1 {
                result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                result.append(range)
            }
        }
        return result
    }

    /// All code points but these.
    static func complement(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var result: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in merged(ranges) {
            if range.lowerBound > next { result.append(next...range.lowerBound - 1) }
            next = range.upperBound + 1
        }
        if next <= 0x10FFFF { result.append(next...0x10FFFF) }
        return merged(result)
    }

    /// Edges for values of `bytes` bytes, the first of which is `lead` plus the highest bits.
    private mutating func edges(_ ranges: [ClosedRange<UInt32>], bytes: Int, lead: UInt8) -> [Edge] {
        if bytes == 1 {
            return ranges.map { Edge(low: lead | UInt8($0.lowerBound), high: lead | UInt8($0.upperBound), next: Edge.complete) }
        }
        let shift = UInt32(6 * (bytes - 1))
        let rest = (UInt32(1) << shift) - 1
        var result: [Edge] = []
        var partial: [UInt32: [ClosedRange<UInt32>]] = [:]
        for range in ranges {
            var (low, high) = (range.lowerBound >> shift, range.upperBound >> shift)
            if low == high, range.lowerBound & rest != 0 || range.upperBound & rest != rest {
                partial[low, default: []].append(range.lowerBound & rest...range.upperBound & rest)
                continue
            }
            if range.lowerBound & rest != 0 {
                partial[low, default: []].append(range.lowerBound & rest...rest)
                low += 1
            }
            if range.upperBound & rest != rest {
                partial[high, default: []].append(0...range.upperBound & rest)
                guard high > low else { continue }
                high -= 1
            }
            guard low <= high else { continue }
            result.append(Edge(low: lead | UInt8(low), high: lead | UInt8(high), next: anyContinuation(bytes - 1)))
        }
        for (first, parts) in partial.sorted(by: { $0.key < $1.key }) {
            let next = add(edges(parts, bytes: bytes - 1, lead: 0x80))
            result.append(Edge(low: lead | UInt8(first), high: lead | UInt8(first), next: next))
        }
        return result
    }

    private mutating func anyContinuation(_ count: Int) -> Int32 {
        while continuations.count < count {
            continuations.append(add([Edge(low: 0x80, high: 0xBF, next: continuations.last ?? Edge.complete)]))
        }
        return continuations[count - 1]
    }

    private mutating func add(_ edges: [Edge]) -> Int32 {
        nodes.append(edges)
        bytesLeft.append(edges.map { 1 + ($0.next < 0 ? 0 : bytesLeft[Int($0.next)]) }.min() ?? 0)
        return Int32(nodes.count - 1)
    }
}
