/// Source code: a block for each top-level declaration, and for each member of a large type. Comments and attributes stay
/// with what follows them. The text is the file.
package struct SourceCodeLoader: TextFormatLoader {
    package let formatName = "source code"
    package var extensions: Set<String> { ProgrammingLanguage.extensions }

    package init() {}

    package func canLoad(_ file: FileContents) -> Bool { ProgrammingLanguage.of(file) != nil }

    package func load(_ source: SourceText, of file: FileContents) -> LoadedDocument {
        guard let language = ProgrammingLanguage.of(file) else { return PlainTextLoader.document(source) }
        var lexer = CodeLexer(source: source, language: language)
        let lines = lexer.lines()
        guard lines.count == source.lineCount else { return LoadedDocument(text: "", blocks: []) }
        var segmenter = CodeSegmenter(source: source, language: language, lines: lines)
        segmenter.segment(0..<source.lineCount, depth: 0, names: [])
        return LoadedDocument(text: source.string, blocks: segmenter.blocks, metadata: ["language": language.name])
    }
}

/// Groups lines into declarations.
struct CodeSegmenter {
    let source: SourceText
    let language: ProgrammingLanguage
    let lines: [CodeLine]
    private(set) var blocks: [Block] = []

    /// Types larger than this in bytes are split into their members.
    private static let largeType = 1200
    private static let maximumNesting = 4

    init(source: SourceText, language: ProgrammingLanguage, lines: [CodeLine]) {
        self.source = source
        self.language = language
        self.lines = lines
    }

    /// Adds the blocks of a range of lines whose declarations stand at `depth` brackets.
    mutating func segment(_ range: Range<Int>, depth: Int, names: [String]) {
        var start = range.lowerBound
        // Statements without a name on adjoining lines, such as imports, make one block.
        var run: Range<Int>?
        while start < range.upperBound, source.hasTime {
            if lines[start].isBlank, !lines[start].isInside {
                add(&run, names)
                start += 1
                continue
            }
            let code = firstCode(from: start, to: range.upperBound)
            let end = unitEnd(code, to: range.upperBound, depth: depth)
            if let declaration = declaration(code, end) {
                add(&run, names)
                add(start..<end, code: code, declaration, depth: depth, names: names)
            } else {
                run = (run?.lowerBound ?? start)..<end
            }
            start = end
        }
        add(&run, names)
    }

    /// The first line that is neither comment nor attribute, as far as it adjoins; `start` if there is none.
    private func firstCode(from start: Int, to limit: Int) -> Int {
        var line = start
        while line < limit, !lines[line].isBlank || lines[line].isInside {
            if !lines[line].isComment, !lines[line].isInside, !isAttribute(line) { return line }
            line += 1
        }
        return start
    }

    /// Decorators, annotations and template heads that stand alone on their line.
    private func isAttribute(_ index: Int) -> Bool {
        let range = source.trimmed(source.line(index))
        guard let first = range.first.map({ source.bytes[$0] }), let last = range.last.map({ source.bytes[$0] }) else { return false }
        switch first {
        case UInt8(ascii: "@"): return language.structure == .indentation || !source.string(range).contains(" ") || last == UInt8(ascii: ")")
        case UInt8(ascii: "["): return last == UInt8(ascii: "]")
        case Ascii.hash: return source.has("#[", at: range.lowerBound, before: range.upperBound)
        default: return source.has("template", at: range.lowerBound, before: range.upperBound) && last == UInt8(ascii: ">")
        }
    }

    /// The line after the last one of what begins at `code`.
    private func unitEnd(_ code: Int, to limit: Int, depth: Int) -> Int {
        var line = code
        while line < limit {
            if lines[line].depth <= depth {
                guard let next = continuation(after: line, of: code, to: limit) else { return line + 1 }
                line = next
            } else {
                line += 1
            }
        }
        return limit
    }

    /// The line on which a unit goes on although no bracket is open; `nil` if it ends.
    private func continuation(after line: Int, of code: Int, to limit: Int) -> Int? {
        var next = line + 1
        while next < limit, lines[next].isBlank, !lines[next].isInside { next += 1 }
        guard next < limit else { return nil }
        if lines[next].isInside { return next }
        let start = source.firstNonBlank(in: source.line(next)), first = source.bytes[start]
        if language.structure == .braces {
            guard next == line + 1 else { return nil }
            if language.endsStatements, isUnfinished(line) { return next }
            return first == UInt8(ascii: "{") || (lines[next].indent > lines[code].indent && !lines[next].isComment) ? next : nil
        }
        if lines[next].indent > lines[code].indent { return next }
        guard lines[next].indent == lines[code].indent, next == line + 1 || closes(start, source.line(next).upperBound) else { return nil }
        return ")]}".utf8.contains(first) || closes(start, source.line(next).upperBound) ? next : nil
    }

    /// Whether a line stops in the middle of a declaration, such as a return type on a line of its own.
    private func isUnfinished(_ line: Int) -> Bool {
        let range = source.trimmed(source.line(line))
        guard let first = range.first.map({ source.bytes[$0] }), let last = range.last.map({ source.bytes[$0] }), !lines[line].isComment, first != Ascii.hash
        else { return false }
        return Ascii.isWord(last) || last == UInt8(ascii: "*") || last == UInt8(ascii: "&") || last == UInt8(ascii: ">")
    }

    /// Words that end or continue a block at the indentation of its head.
    private func closes(_ offset: Int, _ end: Int) -> Bool {
        var next = offset
        while next < end, Ascii.isWord(source.bytes[next]) { next += 1 }
        guard next - offset >= 2, next - offset <= 7 else { return false }
        return [
            "end", "else", "elsif", "elif", "rescue", "ensure", "except", "finally", "fi", "done", "esac", "then", "do", "until", "catch", "after", "begin",
        ].contains(source.string(offset..<next).lowercased())
    }

    private func declaration(_ code: Int, _ end: Int) -> Declaration? {
        guard !lines[code].isComment, !lines[code].isInside else { return nil }
        let head = source.line(code).lowerBound..<min(source.line(min(end - 1, code + 4)).upperBound, source.line(code).lowerBound + 600)
        let text = String(decoding: source.bytes[head], as: UTF8.self)
        return Declaration(text.prefix { $0 != "{" }, hasBody: end > code + 1 || text.contains("{"),
            allowsBareFunctions: language.structure == .braces || language.name == "shell")
    }

    // MARK: Blocks

    private mutating func add(_ unit: Range<Int>, code: Int, _ declaration: Declaration, depth: Int, names: [String]) {
        let path = names + [declaration.name]
        let size = source.line(unit.upperBound - 1).upperBound - source.line(unit.lowerBound).lowerBound
        guard declaration.isContainer, size > Self.largeType, names.count < Self.maximumNesting, let body = bodyStart(code, unit.upperBound, depth)
        else { return add(unit, path) }
        add(unit.lowerBound..<body, path)
        let before = blocks.count
        let closesWithLine = language.structure == .braces || closes(source.firstNonBlank(in: source.line(unit.upperBound - 1)), source.line(unit.upperBound - 1).upperBound)
        let bodyEnd = closesWithLine ? unit.upperBound - 1 : unit.upperBound
        segment(body..<max(body, bodyEnd), depth: language.structure == .braces ? depth + 1 : depth, names: path)
        guard closesWithLine, bodyEnd >= body else { return }
        // The closing line goes with the last member.
        let end = source.trimmedEnd(source.line(unit.upperBound - 1)).upperBound
        if blocks.count > before { extend(to: end) } else { add(bodyEnd..<unit.upperBound, path) }
    }

    private mutating func extend(to end: Int) {
        let last = blocks.count - 1
        guard end > blocks[last].range.upperBound else { return }
        blocks[last].range = blocks[last].range.lowerBound..<end
        blocks[last].lines = blocks[last].lines.lowerBound...source.lineNumber(at: end - 1)
    }

    /// The line after the one that opens a type's body.
    private func bodyStart(_ code: Int, _ end: Int, _ depth: Int) -> Int? {
        guard language.structure == .braces else {
            let line = (code..<end).first { lines[$0].depth <= depth }
            return line.map { $0 + 1 }.flatMap { $0 < end ? $0 : nil }
        }
        let open = (code..<end).first { line in
            lines[line].depth == depth + 1 && source.line(line).contains { source.bytes[$0] == UInt8(ascii: "{") }
        }
        return open.map { $0 + 1 }.flatMap { $0 < end ? $0 : nil }
    }

    private mutating func add(_ run: inout Range<Int>?, _ names: [String]) {
        if let lines = run { add(lines, names) }
        run = nil
    }

    private mutating func add(_ unit: Range<Int>, _ path: [String]) {
        var first = unit.lowerBound
        while first < unit.upperBound, source.isBlank(source.line(first)) { first += 1 }
        guard first < unit.upperBound else { return }
        let range = source.trimmedEnd(source.line(first).lowerBound..<source.line(unit.upperBound - 1).upperBound)
        let name = path.isEmpty ? nil : path.joined(separator: ".")
        blocks.append(Block(kind: .code(language: language.name, name: name), range: range, lines: (first + 1)...source.lineNumber(at: range.upperBound - 1)))
    }
}
