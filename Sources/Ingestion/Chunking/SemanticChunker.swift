/// Cuts documents where their meaning drifts.
///
/// Sentences, list items, table rows and pieces of code are embedded one by one. At each border between two of them the
/// drift is the cosine distance of what stands just before to what stands just after, the comparison of neighbouring
/// windows of TextTiling (Hearst 1997, "TextTiling: Segmenting Text into Multi-Paragraph Subtopic Passages") with vectors
/// in place of word counts. Peaks of the drift that are above a percentile of the document's are cut; then chunks that are
/// too small join the neighbour they differ from least, and those too large are cut where they drift most. A chunk never
/// crosses a heading.
package struct SemanticChunker: Sendable {
    /// Sentences on either side of a border that are compared.
    static let window = 2
    /// Share of a document's borders that are not cut.
    static let percentile = 0.85
    /// Texts in one call of the model.
    private static let callSize = 64

    let options: ChunkingOptions
    let tokenCount: @Sendable (Substring) -> Int

    package init(options: ChunkingOptions, tokenCount: @escaping @Sendable (Substring) -> Int) {
        self.options = options
        self.tokenCount = tokenCount
    }

    /// A sentence, or whatever else stays whole.
    struct Unit {
        var range: Range<Int>
        var tokens: Int
        var block: Int
        /// Whether the border before it is always cut.
        var opensSection: Bool
        /// A heading: the border behind it is not cut if that can be helped.
        var isHeading: Bool
    }

    /// - Parameter embed: unit vectors of texts, row-major.
    /// - Throws: what `embed` throws.
    package func chunks(
        of document: LoadedDocument, embed: ([String]) async throws -> [Float]
    ) async throws -> [Chunk] {
        var document = document
        document.text.makeContiguousUTF8()
        let blocks = document.blocks.filter { !$0.isHidden }
        let units = units(of: blocks, in: document.text)
        guard !units.isEmpty else { return [] }
        let drifts = try await drifts(units, text: document.text, embed: embed)
        let runs = runs(units, drifts: drifts)
        return document.text.utf8.withContiguousStorageIfAvailable { bytes in
            let measure = TextMeasure(text: document.text, maximum: options.maximumTokens, tokenCount: tokenCount)
            let cutter = PlainCutter(bytes: bytes, measure: measure, blocks: blocks)
            return runs.map { run in
                let headings = units[run].prefix(while: \.isHeading)
                return cutter.slice(
                    units[run.lowerBound].range.lowerBound..<units[run.upperBound - 1].range.upperBound,
                    firstBlock: units[run.lowerBound].block, lastBlock: units[run.upperBound - 1].block,
                    below: headings.last?.block)
            }
        } ?? []
    }

    private func units(of blocks: [Block], in text: String) -> [Unit] {
        let measure = TextMeasure(text: text, maximum: options.maximumTokens, tokenCount: tokenCount)
        return text.utf8.withContiguousStorageIfAvailable { bytes in
            let splitter = BlockSplitter(bytes: bytes, measure: measure)
            var units: [Unit] = [], followsHeading = false
            for (index, block) in blocks.enumerated() {
                let isHeading = if case .heading = block.kind { true } else { false }
                for (part, piece) in splitter.parts(of: block.range, levels: BlockSplitter.levels(for: block.kind)).enumerated() {
                    // A heading that directly follows another shares a chunk with it.
                    units.append(Unit(
                        range: piece.range, tokens: piece.tokens, block: index,
                        opensSection: isHeading && part == 0 && !followsHeading, isHeading: isHeading))
                }
                followsHeading = isHeading
            }
            return units
        } ?? []
    }
}

// MARK: Drift

extension SemanticChunker {
    /// The drift at the border behind each unit but the last; infinite where a section begins, minus infinity behind a
    /// heading. Only as many vectors are held as are compared.
    func drifts(
        _ units: [Unit], text: String, embed: ([String]) async throws -> [Float]
    ) async throws -> [Double] {
        var result = [Double](repeating: .infinity, count: max(0, units.count - 1))
        var vectors: [ArraySlice<Float>] = [], first = 0
        let bytes = text.utf8
        for start in stride(from: 0, to: units.count, by: Self.callSize) {
            let end = min(start + Self.callSize, units.count)
            let texts = units[start..<end].map { unit in
                String(text[bytes.index(bytes.startIndex, offsetBy: unit.range.lowerBound)..<bytes.index(bytes.startIndex, offsetBy: unit.range.upperBound)])
            }
            let made = try await embed(texts)
            let dimension = made.count / texts.count
            for index in texts.indices { vectors.append(made[(index * dimension)..<((index + 1) * dimension)]) }
            // The borders whose window is complete now, and at the end all.
            let from = max(0, start - Self.window)
            let settled = end == units.count ? result.count : end - Self.window
            for border in from..<max(from, settled) where !units[border + 1].opensSection {
                result[border] = units[border].isHeading ? -.infinity : drift(at: border, units: units, vectors: vectors, first: first)
            }
            let kept = max(0, vectors.count - 2 * Self.window)
            vectors.removeFirst(kept)
            first += kept
        }
        return result
    }

    /// - Parameter first: the unit that `vectors` begins with.
    private func drift(at border: Int, units: [Unit], vectors: [ArraySlice<Float>], first: Int) -> Double {
        var low = border, high = border + 1
        while border - low + 1 < Self.window, low > first, !units[low].opensSection { low -= 1 }
        while high - border < Self.window, high + 1 < first + vectors.count, !units[high + 1].opensSection { high += 1 }
        func sum(_ range: ClosedRange<Int>) -> [Float] {
            range.dropFirst().reduce(Array(vectors[range.lowerBound - first])) { sum, unit in zip(sum, vectors[unit - first]).map(+) }
        }
        let before = sum(low...border), after = sum((border + 1)...high)
        func dot(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
        let length = (dot(before, before) * dot(after, after)).squareRoot()
        return length > 0 ? 1 - dot(before, after) / length : 1
    }

    /// Drift above which a border is cut. Sections are apart in any case and do not count.
    func threshold(_ drifts: [Double]) -> Double {
        let sorted = drifts.filter(\.isFinite).sorted()
        guard !sorted.isEmpty else { return 0 }
        let place = Self.percentile * Double(sorted.count - 1), low = Int(place)
        let high = min(low + 1, sorted.count - 1)
        return sorted[low] + (place - Double(low)) * (sorted[high] - sorted[low])
    }
}

// MARK: Runs of units

extension SemanticChunker {
    /// The units of each chunk.
    func runs(_ units: [Unit], drifts: [Double]) -> [Range<Int>] {
        let threshold = threshold(drifts)
        var result: [Range<Int>] = [], sectionStart = 0
        for border in drifts.indices where drifts[border] == .infinity {
            result += runs(units, in: sectionStart..<(border + 1), drifts: drifts, threshold: threshold)
            sectionStart = border + 1
        }
        return result + runs(units, in: sectionStart..<units.count, drifts: drifts, threshold: threshold)
    }

    private func runs(_ units: [Unit], in section: Range<Int>, drifts: [Double], threshold: Double) -> [Range<Int>] {
        var parts: [Range<Int>] = [], start = section.lowerBound
        for border in section.dropLast() where drifts[border] > threshold && isPeak(border, in: section, drifts) {
            parts.append(start..<(border + 1))
            start = border + 1
        }
        parts.append(start..<section.upperBound)
        return joined(parts.flatMap { fitting(units, $0, drifts: drifts) }, units: units, drifts: drifts)
    }

    /// Where the topic changes, the borders next to the right one drift as well, only less.
    private func isPeak(_ border: Int, in section: Range<Int>, _ drifts: [Double]) -> Bool {
        let before = border > section.lowerBound ? drifts[border - 1] : -.infinity
        let after = border + 2 < section.upperBound ? drifts[border + 1] : -.infinity
        return drifts[border] > before && drifts[border] >= after
    }

    /// Cuts a run that is too large where it drifts most among the borders that leave a chunk of a fair size.
    private func fitting(_ units: [Unit], _ run: Range<Int>, drifts: [Double]) -> [Range<Int>] {
        var result: [Range<Int>] = [], start = run.lowerBound, next = start, size = 0
        while next < run.upperBound {
            guard size > 0, size + units[next].tokens > options.maximumTokens else {
                size += units[next].tokens
                next += 1
                continue
            }
            var held = 0, best = next - 1
            for border in start..<next {
                held += units[border].tokens
                if held >= options.minimumTokens, drifts[border] > drifts[best] { best = border }
            }
            result.append(start..<(best + 1))
            start = best + 1
            (next, size) = (start, 0)
        }
        result.append(start..<run.upperBound)
        return result
    }

    /// Joins runs that are too small to the neighbour they drift from least, as far as both fit.
    private func joined(_ runs: [Range<Int>], units: [Unit], drifts: [Double]) -> [Range<Int>] {
        let sizes = runs.map { run in units[run].reduce(0) { $0 + $1.tokens } }
        var result: [(run: Range<Int>, size: Int)] = [], pending: (run: Range<Int>, size: Int)?
        for (index, run) in runs.enumerated() {
            var current = (run: run, size: sizes[index])
            if let before = pending { current = (before.run.lowerBound..<run.upperBound, before.size + sizes[index]) }
            pending = nil
            guard current.size < options.minimumTokens else { result.append(current); continue }
            let fitsBefore = result.last.map { $0.size + current.size <= options.maximumTokens } ?? false
            let fitsAfter = index + 1 < runs.count && current.size + sizes[index + 1] <= options.maximumTokens
            let drawsBack = fitsBefore && (!fitsAfter || drifts[current.run.lowerBound - 1] <= drifts[run.upperBound - 1])
            if drawsBack, let last = result.popLast() {
                result.append((last.run.lowerBound..<current.run.upperBound, last.size + current.size))
            } else if fitsAfter {
                pending = current
            } else {
                result.append(current)
            }
        }
        return result.map(\.run)
    }
}
