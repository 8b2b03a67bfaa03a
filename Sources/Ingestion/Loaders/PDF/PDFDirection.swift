import Foundation

/// Puts right-to-left text into the order in which it is read. `pdftotext -tsv` gives characters and words as they stand
/// on the page from left to right; numbers and words of other scripts among them are read from the left all the same
/// (Unicode Standard Annex #9, as far as single lines need it).
enum PDFDirection {
    /// A word with its characters in reading order, in the usual forms of its letters instead of those for display.
    static func readable(_ word: String) -> String {
        guard word.unicodeScalars.contains(where: isRightToLeft) else { return word }
        var runs: [[Unicode.Scalar]] = []
        var runsAhead = false
        for scalar in word.unicodeScalars {
            let ahead = isRead(fromLeft: scalar)
            if ahead, runsAhead { runs[runs.count - 1].append(scalar) } else { runs.append([scalar]) }
            runsAhead = ahead
        }
        var text = String.UnicodeScalarView()
        for run in runs.reversed() { text.append(contentsOf: run) }
        return String(text).precomposedStringWithCompatibilityMapping
    }

    /// The words of a line, given from left to right, in reading order.
    static func ordered(_ words: [PDFPage.Word]) -> [PDFPage.Word] {
        let directions = words.map { direction($0.text) }
        let backward = directions.count { $0 == true }, forward = directions.count { $0 == false }
        guard backward > 0 else { return words }
        let isBackward = backward >= forward
        var result: [PDFPage.Word] = [], run: [PDFPage.Word] = []
        /// Runs against the direction of the line keep their own.
        for (word, direction) in isBackward ? zip(words, directions).reversed() : Array(zip(words, directions)) {
            if let direction, direction != isBackward {
                run.insert(word, at: 0)
            } else {
                result += run + [word]
                run = []
            }
        }
        return result + run
    }

    /// Whether a word is read from the right; nil if it has no letters or digits to tell.
    private static func direction(_ word: String) -> Bool? {
        if word.unicodeScalars.contains(where: isRightToLeft) { return true }
        return word.unicodeScalars.contains(where: isRead(fromLeft:)) ? false : nil
    }

    private static func isRead(fromLeft scalar: Unicode.Scalar) -> Bool {
        guard !isRightToLeft(scalar) else { return false }
        return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    /// Letters of Hebrew, Arabic, Syriac, Thaana and N'Ko, with their forms for display; not the digits among them.
    private static func isRightToLeft(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0660...0x0669, 0x06F0...0x06F9, 0x07C0...0x07C9: false
        case 0x0590...0x08FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFC: true
        default: false
        }
    }
}
