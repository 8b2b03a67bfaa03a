/// A shell pattern over paths: `*` and `?` stay within a folder, `**` crosses folders, `[a-c]` is one of, `[!a-c]`
/// none of. A pattern without a slash is held against the last component.
struct PathPattern {
    private let pattern: [Character]
    private let matchesName: Bool

    init(_ pattern: String) {
        matchesName = !pattern.contains("/")
        self.pattern = Array(pattern.hasSuffix("/") ? pattern + "**" : pattern)
    }

    func matches(_ path: String) -> Bool {
        let subject = matchesName ? path.split(separator: "/").last.map(String.init) ?? path : path
        return Self.match(pattern[...], Array(subject)[...])
    }

    private static func match(_ pattern: ArraySlice<Character>, _ text: ArraySlice<Character>) -> Bool {
        var pattern = pattern, text = text
        while let first = pattern.first {
            switch first {
            case "*":
                return matchStar(pattern, text)
            case "[":
                guard let character = text.first, character != "/", let (isMember, rest) = set(pattern, character)
                else { return false }
                guard isMember else { return false }
                pattern = rest
            case "?":
                guard let character = text.first, character != "/" else { return false }
                pattern = pattern.dropFirst()
            default:
                guard text.first == first else { return false }
                pattern = pattern.dropFirst()
            }
            text = text.dropFirst()
        }
        return text.isEmpty
    }

    private static func matchStar(_ pattern: ArraySlice<Character>, _ text: ArraySlice<Character>) -> Bool {
        let crosses = pattern.dropFirst().first == "*"
        let rest = pattern.drop { $0 == "*" }
        // `**/name` also finds `name` itself.
        if crosses, rest.first == "/", match(rest.dropFirst(), text) { return true }
        var text = text
        while true {
            if match(rest, text) { return true }
            guard let character = text.first, crosses || character != "/" else { return false }
            text = text.dropFirst()
        }
    }

    /// Membership in the set that the pattern begins with, and what follows it; `nil` when it is not closed.
    private static func set(
        _ pattern: ArraySlice<Character>, _ character: Character
    ) -> (isMember: Bool, rest: ArraySlice<Character>)? {
        var body = pattern.dropFirst()
        let isNegated = body.first == "!" || body.first == "^"
        if isNegated { body = body.dropFirst() }
        guard let end = body.dropFirst().firstIndex(of: "]") else { return nil }
        let members = Array(body[..<end])
        var isMember = false, index = 0
        while index < members.count {
            if index + 2 < members.count, members[index + 1] == "-" {
                isMember = isMember || (members[index] <= character && character <= members[index + 2])
                index += 3
            } else {
                isMember = isMember || members[index] == character
                index += 1
            }
        }
        return (isMember != isNegated, pattern[(end + 1)...])
    }
}
