import TransformerCore

/// What a grammar promises, by trying all ways to read a text: the naive twin of the automaton. Sets of characters must be
/// small.
struct NaiveGrammar: NaiveConstraint {
    let definition: GrammarDefinition

    func isViable(_ text: [UInt8]) -> Bool { !ends(of: text).isEmpty }

    func isComplete(_ text: [UInt8]) -> Bool { ends(of: text).contains(text.count) }

    /// Where the root rule can end in a text; one more than its length where it goes on behind it.
    private func ends(of text: [UInt8]) -> Set<Int> {
        var reader = Reader(rules: definition.rules.map(\.expression), text: text)
        return reader.ends(.rule(definition.root), from: 0).filter { $0 >= text.count }
    }

    private struct Reader {
        let rules: [GrammarExpression]
        let text: [UInt8]
        private var known: [[Int]: Set<Int>] = [:]

        init(rules: [GrammarExpression], text: [UInt8]) {
            self.rules = rules
            self.text = text
        }

        private var behind: Int { text.count + 1 }

        mutating func ends(_ expression: GrammarExpression, from start: Int) -> Set<Int> {
            guard start < behind else { return [start] }
            switch expression {
            case .bytes(let bytes): return one(bytes, from: start)
            case .characters(let ranges):
                return ranges.reduce(into: []) { result, range in
                    for value in range {
                        guard let scalar = Unicode.Scalar(value) else { continue }
                        result.formUnion(one(Array(String(scalar).utf8), from: start))
                    }
                }
            case .rule(let rule):
                // What is still to be read is not looked into: no rule of a good grammar is endless.
                if start == text.count { return rulesEnd(rule) }
                if let known = known[[rule, start]] { return known }
                let found = ends(rules[rule], from: start)
                known[[rule, start]] = found
                return found
            case .sequence(let parts):
                return parts.reduce([start]) { starts, part in all(part, from: starts) }
            case .choice(let alternatives):
                return alternatives.reduce(into: []) { $0.formUnion(ends($1, from: start)) }
            case .repeated(let part, let atLeast, let atMost):
                return repeated(part, atLeast, atMost, from: start)
            }
        }

        private mutating func rulesEnd(_ rule: Int) -> Set<Int> {
            if let known = known[[rule, text.count]] { return known }
            let found = ends(rules[rule], from: text.count)
            known[[rule, text.count]] = found
            return found
        }

        private mutating func all(_ part: GrammarExpression, from starts: Set<Int>) -> Set<Int> {
            var result: Set<Int> = []
            for start in starts { result.formUnion(ends(part, from: start)) }
            return result
        }

        private mutating func repeated(
            _ part: GrammarExpression, _ atLeast: Int, _ atMost: Int?, from start: Int
        ) -> Set<Int> {
            var here: Set<Int> = [start]
            for _ in 0..<atLeast { here = all(part, from: here) }
            var result = here
            var left = atMost.map { $0 - atLeast } ?? .max
            while left > 0, !here.isEmpty {
                here = all(part, from: here).subtracting(result)
                result.formUnion(here)
                left -= 1
            }
            return result
        }

        private func one(_ bytes: [UInt8], from start: Int) -> Set<Int> {
            let rest = text[start...]
            if rest.starts(with: bytes) { return [start + bytes.count] }
            return bytes.starts(with: rest) ? [behind] : []
        }
    }
}
