/// Collects blocks of a format whose text is the file itself. Lines are counted from 0.
struct SourceBlocks {
    let source: SourceText
    private(set) var blocks: [Block] = []

    init(_ source: SourceText) { self.source = source }

    /// The line without white space at either end.
    func text(_ line: Int) -> String { source.string(source.trimmed(source.line(line))) }
    /// The line with its indentation.
    func raw(_ line: Int) -> String { source.string(source.trimmedEnd(source.line(line))) }
    func isBlank(_ line: Int) -> Bool { source.isBlank(source.line(line)) }

    func indent(_ line: Int) -> Int {
        let range = source.line(line)
        return source.firstNonBlank(in: range) - range.lowerBound
    }

    mutating func add(_ kind: Block.Kind, _ lines: Range<Int>, heading: String? = nil) {
        var lines = lines
        while let first = lines.first, isBlank(first) { lines.removeFirst() }
        while let last = lines.last, isBlank(last) { lines.removeLast() }
        guard let first = lines.first, let last = lines.last else { return }
        var range = source.line(first).lowerBound..<source.trimmedEnd(source.line(last)).upperBound
        // Code keeps the indentation of its first line.
        if case .code = kind {} else { range = source.firstNonBlank(in: range)..<range.upperBound }
        if let before = blocks.last, before.range.upperBound > range.lowerBound { return }
        blocks.append(Block(kind: kind, range: range, lines: (first + 1)...(last + 1), heading: heading))
    }

    mutating func heading(_ title: String, level: Int, _ lines: Range<Int>) {
        add(.heading(level: min(max(level, 1), 9)), lines, heading: title.isEmpty ? text(lines.lowerBound) : title)
    }

    /// The first line from `start` on for which `isEnd` holds, or the end of the file.
    func end(from start: Int, where isEnd: (Int) -> Bool) -> Int {
        var line = start
        while line < source.lineCount, !isEnd(line) { line += 1 }
        return line
    }

    func document(title: String? = nil, metadata: [String: String] = [:]) -> LoadedDocument {
        let first = blocks.first { if case .heading = $0.kind { true } else { false } }?.heading
        return LoadedDocument(text: source.string, blocks: blocks, title: title ?? first, metadata: metadata)
    }
}

extension String {
    /// The text after a list mark of one of `marks`, or a number with a full stop or bracket.
    func hasListMark(_ marks: [Character]) -> Bool {
        guard let first else { return false }
        if marks.contains(first), dropFirst().first == " " { return true }
        let digits = prefix { $0.isASCII && $0.isNumber }
        let rest = dropFirst(digits.count)
        return !digits.isEmpty && digits.count < 4 && (rest.hasPrefix(". ") || rest.hasPrefix(") "))
    }
}
