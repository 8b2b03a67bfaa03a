/// Canonical decomposition and composition (UAX #15), with the mappings that the reference tokenizers use.
enum CanonicalNormalization {
    private static let combiningClasses = ScalarMap(runs: UnicodeTables.combiningRuns)
    private static let decompositions: [UInt32: (first: UInt32, second: UInt32)] = {
        var map: [UInt32: (first: UInt32, second: UInt32)] = [:]
        forEachMapping { scalar, first, second, _ in map[scalar] = (first, second) }
        return map
    }()
    private static let compositions: [UInt64: UInt32] = {
        var map: [UInt64: UInt32] = [:]
        forEachMapping { scalar, first, second, composes in
            if composes { map[UInt64(first) << 32 | UInt64(second)] = scalar }
        }
        return map
    }()
    /// Scalars that NFC may change or join to what stands before them.
    private static let unstable: Set<UInt32> = {
        var set: Set<UInt32> = []
        forEachMapping { scalar, _, second, composes in
            if composes { set.insert(second) } else { set.insert(scalar) }
        }
        return set
    }()

    private static func forEachMapping(_ body: (UInt32, UInt32, UInt32, Bool) -> Void) {
        let rows = UnicodeTables.decompositions
        for row in stride(from: 0, to: rows.count, by: 4) {
            body(rows[row], rows[row + 1], rows[row + 2], rows[row + 3] == 1)
        }
    }

    static func combiningClass(_ scalar: UInt32) -> UInt8 { combiningClasses[scalar] }

    /// Appends the full canonical decomposition of one scalar; marks are not reordered.
    static func appendDecomposition(of scalar: UInt32, to output: inout [UInt32]) {
        if scalar < 0xC0 { return output.append(scalar) }
        if Hangul.syllables.contains(scalar) { return Hangul.appendDecomposition(of: scalar, to: &output) }
        guard let (first, second) = decompositions[scalar] else { return output.append(scalar) }
        appendDecomposition(of: first, to: &output)
        if second != 0 { appendDecomposition(of: second, to: &output) }
    }

    /// NFC of `text`; the same bytes when nothing in it can change.
    static func composed(_ text: [UInt8]) -> [UInt8] {
        if text.withUnsafeBufferPointer({ isComposed($0) }) { return text }
        var scalars: [UInt32] = []
        scalars.reserveCapacity(text.count)
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            appendDecomposition(of: scalar.value, to: &scalars)
        }
        reorderMarks(&scalars)
        compose(&scalars)
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        for value in scalars { appendUTF8(of: value, to: &output) }
        return output
    }

    /// The quick check of UAX #15 section 9, a little stricter: no mark, no Jamo, nothing that NFC maps.
    private static func isComposed(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var position = 0
        while position < bytes.count {
            if bytes[position] < 0xCC {  // below U+0300 everything is stable
                position += bytes[position] < 0x80 ? 1 : 2
                continue
            }
            let scalar = decodeScalar(bytes, at: position)
            if combiningClasses[scalar.value] != 0 || Hangul.joiningJamo.contains(scalar.value)
                || unstable.contains(scalar.value) {
                return false
            }
            position += scalar.length
        }
        return true
    }

    /// Sorts each run of marks by combining class, keeping the order of equals (canonical ordering).
    static func reorderMarks(_ scalars: inout [UInt32]) {
        var start = 0
        while start < scalars.count {
            guard combiningClasses[scalars[start]] != 0 else { start += 1; continue }
            var end = start + 1
            while end < scalars.count, combiningClasses[scalars[end]] != 0 { end += 1 }
            if end - start > 1 {
                // Swift's sort is stable in practice but not by contract, so the position is part of the key.
                let run = scalars[start..<end].enumerated().sorted {
                    (combiningClasses[$0.element], $0.offset) < (combiningClasses[$1.element], $1.offset)
                }
                scalars.replaceSubrange(start..<end, with: run.map(\.element))
            }
            start = end
        }
    }

    /// Joins each starter with the marks that follow it and are not blocked.
    private static func compose(_ scalars: inout [UInt32]) {
        var written = 0
        var starter: Int?
        var lastClass: UInt8 = 0
        for scalar in scalars {
            let currentClass = combiningClasses[scalar]
            let isBlocked = starter.map { written - $0 > 1 && lastClass >= currentClass } ?? true
            if let at = starter, !isBlocked, let joined = composition(scalars[at], scalar) {
                scalars[at] = joined
                continue
            }
            scalars[written] = scalar
            if currentClass == 0 { starter = written }
            lastClass = currentClass
            written += 1
        }
        scalars.removeLast(scalars.count - written)
    }

    private static func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
        Hangul.composition(first, second) ?? compositions[UInt64(first) << 32 | UInt64(second)]
    }
}

/// Hangul syllables are composed by arithmetic (Unicode Standard, section 3.12).
private enum Hangul {
    static let syllables: Range<UInt32> = 0xAC00..<0xD7A4
    static let joiningJamo: ClosedRange<UInt32> = 0x1161...0x11C2

    static func appendDecomposition(of syllable: UInt32, to output: inout [UInt32]) {
        let index = syllable - 0xAC00
        output.append(0x1100 + index / 588)
        output.append(0x1161 + index % 588 / 28)
        if index % 28 != 0 { output.append(0x11A7 + index % 28) }
    }

    static func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if (0x1100..<0x1113).contains(first), (0x1161..<0x1176).contains(second) {
            return 0xAC00 + (first - 0x1100) * 588 + (second - 0x1161) * 28
        }
        if syllables.contains(first), (first - 0xAC00) % 28 == 0, (0x11A8..<0x11C3).contains(second) {
            return first + second - 0x11A7
        }
        return nil
    }
}
