/// One pattern in the language of `.gitignore`, matched against `/`-separated relative paths, byte by byte.
///
/// `*` and `?` do not match `/`; `**/` matches any folders, `/**` everything inside; `[a-z]`, `[!a]` and `\` as in
/// `gitignore(5)`. A pattern with a `/` before its end is anchored to the folder it was written for, others match at
/// any depth.
package struct GlobPattern: Sendable, Hashable {
    private let pattern: [UInt8]
    private let isAnchored: Bool

    /// - Parameter pattern: without a leading `!` and without a final `/`.
    package init(_ pattern: [UInt8]) {
        var pattern = pattern
        let hasSlash = pattern.contains(UInt8(ascii: "/"))
        if pattern.first == UInt8(ascii: "/") { pattern.removeFirst() }
        self.pattern = pattern
        isAnchored = hasSlash
    }

    package init(_ pattern: String) { self.init(Array(pattern.utf8)) }

    /// Whether the pattern matches a path relative to the pattern's folder.
    package func matches(_ path: ArraySlice<UInt8>) -> Bool {
        if isAnchored { return Self.match(pattern[...], path) }
        let name = path.lastIndex(of: UInt8(ascii: "/")).map { path[(path.index(after: $0))...] } ?? path
        return Self.match(pattern[...], name)
    }

    /// Matches with backtracking to the last star only, so that the time is bounded by the product of the lengths for
    /// each `**`. Patterns with many stars are bounded by a budget of steps.
    private static func match(_ pattern: ArraySlice<UInt8>, _ path: ArraySlice<UInt8>) -> Bool {
        var budget = 100_000
        return match(pattern, path, &budget)
    }

    private static func match(_ pattern: ArraySlice<UInt8>, _ path: ArraySlice<UInt8>, _ budget: inout Int) -> Bool {
        var p = pattern.startIndex, s = path.startIndex
        while p < pattern.endIndex {
            budget -= 1
            guard budget > 0 else { return false }
            switch pattern[p] {
            case UInt8(ascii: "*"):
                return star(pattern[p...], path[s...], isStart: p == pattern.startIndex || pattern[p - 1] == UInt8(ascii: "/"), &budget)
            case UInt8(ascii: "?"):
                guard s < path.endIndex, path[s] != UInt8(ascii: "/") else { return false }
                s += scalarLength(path[s...])
                p += 1
            case UInt8(ascii: "["):
                guard s < path.endIndex, path[s] != UInt8(ascii: "/") else { return false }
                guard let set = ByteSet(pattern[p...]) else {
                    guard path[s] == pattern[p] else { return false }
                    p += 1
                    s += 1
                    continue
                }
                guard set.contains(path[s]) else { return false }
                p = set.end
                s += 1
            case Ascii.backslash where p + 1 < pattern.endIndex:
                guard s < path.endIndex, path[s] == pattern[p + 1] else { return false }
                p += 2
                s += 1
            default:
                guard s < path.endIndex, path[s] == pattern[p] else { return false }
                p += 1
                s += 1
            }
        }
        return s == path.endIndex
    }

    private static func star(_ pattern: ArraySlice<UInt8>, _ path: ArraySlice<UInt8>, isStart: Bool, _ budget: inout Int) -> Bool {
        var rest = pattern
        while rest.first == UInt8(ascii: "*") { rest.removeFirst() }
        let isDouble = pattern.count - rest.count == 2 && isStart && (rest.isEmpty || rest.first == UInt8(ascii: "/"))
        if isDouble {
            guard !rest.isEmpty else { return !path.isEmpty }
            let after = rest.dropFirst()
            var s = path.startIndex
            while true {
                if match(after, path[s...], &budget) { return true }
                guard budget > 0, let slash = path[s...].firstIndex(of: UInt8(ascii: "/")) else { return false }
                s = slash + 1
            }
        }
        var s = path.startIndex
        while true {
            if match(rest, path[s...], &budget) { return true }
            guard budget > 0, s < path.endIndex, path[s] != UInt8(ascii: "/") else { return false }
            s += 1
        }
    }

    /// The bytes of one character, so that `?` matches a whole one.
    private static func scalarLength(_ path: ArraySlice<UInt8>) -> Int {
        var length = 1
        while length < min(4, path.count), Ascii.isContinuation(path[path.startIndex + length]) { length += 1 }
        return length
    }

    /// `[abc]`, `[!a-z]`.
    private struct ByteSet {
        var members: [ClosedRange<UInt8>] = []
        var isNegated = false
        var end: Int

        init?(_ pattern: ArraySlice<UInt8>) {
            var next = pattern.startIndex + 1
            if next < pattern.endIndex, pattern[next] == UInt8(ascii: "!") || pattern[next] == UInt8(ascii: "^") {
                isNegated = true
                next += 1
            }
            let first = next
            while next < pattern.endIndex, pattern[next] != UInt8(ascii: "]") || next == first {
                if pattern[next] == Ascii.backslash, next + 1 < pattern.endIndex { next += 1 }
                let low = pattern[next]
                if next + 2 < pattern.endIndex, pattern[next + 1] == UInt8(ascii: "-"), pattern[next + 2] != UInt8(ascii: "]") {
                    let high = pattern[next + 2]
                    if low <= high { members.append(low...high) }
                    next += 3
                } else {
                    members.append(low...low)
                    next += 1
                }
            }
            guard next < pattern.endIndex else { return nil }
            end = next + 1
        }

        func contains(_ byte: UInt8) -> Bool { members.contains { $0.contains(byte) } != isNegated }
    }
}

/// Include and exclude patterns given by the user, such as `*.md` or `!drafts/**`.
package struct GlobSelection: Sendable {
    private var includes: [GlobPattern] = []
    private var excludes: [GlobPattern] = []

    /// - Parameter patterns: a leading `!` excludes. Without any including pattern, everything else is included.
    package init(_ patterns: [String] = []) {
        for pattern in patterns where !pattern.isEmpty {
            if pattern.hasPrefix("!") { excludes.append(GlobPattern(String(pattern.dropFirst()))) } else { includes.append(GlobPattern(pattern)) }
        }
    }

    package func selects(file path: ArraySlice<UInt8>) -> Bool {
        !excludes.contains { $0.matches(path) } && (includes.isEmpty || includes.contains { $0.matches(path) })
    }

    /// Whether a folder is excluded as a whole.
    func excludes(folder path: ArraySlice<UInt8>) -> Bool { excludes.contains { $0.matches(path) } }
}
