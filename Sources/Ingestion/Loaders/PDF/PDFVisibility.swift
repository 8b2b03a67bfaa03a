/// Finds the words of a PDF that nobody sees: too small, not painted, transparent, or in the colour of what is behind them.
///
/// What is painted in a light colour may stand on a dark ground, and text that is not painted may lie over the image of a
/// scanned page: so pages with such words are drawn, and a word is hidden if nothing can be told apart where it stands.
struct PDFVisibility {
    let path: TemporaryFile
    let markup: PDFMarkup
    let budget: LoadBudget

    /// Differences of grey, of 255, that can just be seen.
    private static let contrast: UInt8 = 10
    /// Pages of scans with a text layer that are drawn to see that the layer says what the image shows.
    private static let sampledScans = 6

    /// Takes hidden words out of pages.
    /// - Returns: the hidden text by page.
    func takeHidden(from pages: inout [PDFPage], notices: inout [String]) throws(IngestionError) -> [Int: String] {
        var hidden: [Int: [String]] = [:], unchecked: [Int] = [], scans = 0
        for index in pages.indices {
            let small = pages[index].takeInvisible()
            if !small.isEmpty { hidden[pages[index].number, default: []].append(small) }
            let suspects = suspects(in: pages[index])
            guard !suspects.isEmpty else { continue }
            let words = pages[index].lines.reduce(0) { $0 + $1.words.count }
            let isScan = suspects.count * 10 >= words * 9 && suspects.values.allSatisfy { !$0 }
            if isScan, scans >= Self.sampledScans { continue }
            guard budget.secondsLeft > budget.limits.seconds * 0.4, let image = try draw(pages[index].number) else {
                unchecked.append(pages[index].number)
                continue
            }
            let unseen = suspects.keys.filter { !image.shows($0.word(in: pages[index]), pages[index]) }
            if isScan, unseen.isEmpty { scans += 1 }
            if !unseen.isEmpty { hidden[pages[index].number, default: []].append(pages[index].take(Set(unseen))) }
        }
        if let first = unchecked.first {
            notices.append(
                "\(unchecked.count) page\(unchecked.count == 1 ? "" : "s") from page \(first) on could not be drawn in time, so that text which may be hidden was left in")
        }
        return hidden.mapValues { $0.joined(separator: " ") }
    }

    /// Words that may be hidden, and whether they are painted.
    private func suspects(in page: PDFPage) -> [PDFPage.Place: Bool] {
        guard let runs = markup.runs[page.number] else { return [:] }
        // Runs by bands of height, so that a word is compared with those near it alone.
        var bands: [Int: [PDFMarkup.Run]] = [:]
        func band(_ y: Double) -> Int { Int(max(-1e6, min(1e6, y / 16)).rounded(.down)) }
        for run in runs where run.bottom - run.top < 4000 {
            for number in band(run.top - 1)...max(band(run.top - 1), band(run.bottom + 1)) { bands[number, default: []].append(run) }
        }
        var result: [PDFPage.Place: Bool] = [:]
        for place in page.places {
            let word = place.word(in: page), x = word.left + word.width / 2, y = word.middle
            let over = (bands[band(y)] ?? []).filter { $0.left - 1 <= x && x <= $0.right + 1 && $0.top - 1 <= y && y <= $0.bottom + 1 }
            if over.allSatisfy(\.isFaint) { result[place] = !over.isEmpty }
        }
        return result
    }

    private func draw(_ page: Int) throws(IngestionError) -> GreyImage? {
        guard ChildProcess.isInstalled("pdftoppm") else { return nil }
        let image = path.sibling("seen-\(page)")
        let result = try ChildProcess(
            program: "pdftoppm", package: "poppler-utils",
            arguments: ["-gray", "-r", "72", "-singlefile", "-f", "\(page)", "-l", "\(page)", path.path, image],
            seconds: max(1, budget.secondsLeft * 0.3), memory: budget.limits.processMemory, outputLimit: 1 << 16
        ).run()
        guard result.status == 0, let bytes = try? FileReader(maximumSize: 64 << 20).read(BytePath(image + ".pgm")) else { return nil }
        return GreyImage(bytes)
    }

    /// A picture of a page.
    struct GreyImage {
        let width: Int, height: Int
        private let pixels: ArraySlice<UInt8>

        /// Reads the binary PGM format (`P5`), 8 bits a pixel.
        init?(_ bytes: [UInt8]) {
            var numbers: [Int] = [], place = 2
            guard bytes.starts(with: Array("P5".utf8)) else { return nil }
            while numbers.count < 3, place < bytes.count {
                if Ascii.isSpace(bytes[place]) { place += 1; continue }
                var number = 0
                while place < bytes.count, (0x30...0x39).contains(bytes[place]), number < 1 << 24 {
                    number = number * 10 + Int(bytes[place] - 0x30)
                    place += 1
                }
                guard place < bytes.count, Ascii.isSpace(bytes[place]) else { return nil }
                numbers.append(number)
                place += 1
            }
            guard numbers.count == 3, numbers[2] == 255, numbers[0] > 0, numbers[1] > 0, bytes.count - place >= numbers[0] * numbers[1] else { return nil }
            (width, height) = (numbers[0], numbers[1])
            pixels = bytes[place...]
        }

        /// Whether anything can be told apart where a word stands; neighbouring lines are kept out.
        func shows(_ word: PDFPage.Word, _ page: PDFPage) -> Bool {
            guard page.width >= 1, page.height >= 1 else { return true }
            let scaleX = Double(width) / page.width, scaleY = Double(height) / page.height
            func pixel(_ value: Double, _ limit: Int) -> Int { Int(max(0, min(Double(limit), value))) }
            let columns = pixel((word.left * scaleX).rounded(.down), width)..<pixel((word.right * scaleX).rounded(.up), width)
            let inset = word.height * 0.15
            let rows = pixel(((word.top + inset) * scaleY).rounded(.down), height)..<pixel(((word.bottom - inset) * scaleY).rounded(.up), height)
            var least: UInt8 = 255, most: UInt8 = 0
            for row in rows {
                for column in columns {
                    let value = pixels[pixels.startIndex + row * width + column]
                    (least, most) = (min(least, value), max(most, value))
                }
            }
            return most > least && most - least >= PDFVisibility.contrast
        }
    }
}

extension PDFPage {
    /// A word's place on the page.
    struct Place: Hashable {
        var line: Int, index: Int

        func word(in page: PDFPage) -> Word { page.lines[line].words[index] }
    }

    var places: [Place] {
        lines.indices.flatMap { line in lines[line].words.indices.map { Place(line: line, index: $0) } }
    }

    /// Takes out words.
    mutating func take(_ places: Set<Place>) -> String {
        var taken: [String] = []
        for line in lines.indices {
            var kept: [Word] = []
            for index in lines[line].words.indices {
                if places.contains(Place(line: line, index: index)) { taken.append(lines[line].words[index].text) } else { kept.append(lines[line].words[index]) }
            }
            lines[line].words = kept
        }
        lines.removeAll { $0.words.isEmpty }
        return taken.joined(separator: " ")
    }
}
