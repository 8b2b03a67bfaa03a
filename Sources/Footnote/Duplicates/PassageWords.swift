/// The words of a passage as the recognition of near-duplicates sees them: case, punctuation, width and line ends do not
/// count. Ideographs and kana are words of one character.
struct PassageWords: Sendable {
    /// In order, in lower case. Numbers keep their points, commas and sign.
    private(set) var words: [String] = []
    /// Words that began with a capital letter, in lower case.
    private(set) var capitalized: Set<String> = []

    init(_ text: String) {
        var scanner = Scanner()
        for scalar in text.unicodeScalars { scanner.take(Self.narrow(scalar)) }
        scanner.end()
        words = scanner.words
        capitalized = scanner.capitalized
    }

    /// Letters and digits of full width are those of usual width.
    private static func narrow(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        (0xFF01...0xFF5E).contains(scalar.value) ? Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar : scalar
    }

    static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x3005...0x3007, 0x3041...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFF: true
        default: false
        }
    }

    private struct Scanner {
        var words: [String] = []
        var capitalized: Set<String> = []
        private var word = String.UnicodeScalarView()
        private var isCapital = false, isNumber = false
        /// A point or comma that belongs to a number if a digit follows, or a sign before one.
        private var pending: Unicode.Scalar?

        mutating func take(_ scalar: Unicode.Scalar) {
            if scalar.isASCII { return takeASCII(scalar) }
            if PassageWords.isIdeograph(scalar) {
                end()
                words.append(String(scalar))
            } else if scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar.properties.generalCategory == .nonspacingMark {
                letter(scalar, capital: scalar.properties.isUppercase)
            } else if scalar.properties.generalCategory == .currencySymbol {
                end()
                words.append(String(scalar))
            } else if ![0xAD, 0x200B, 0x2060, 0xFEFF].contains(scalar.value) {
                end()
                if scalar.value == 0x2212 { pending = "-" }
            }
        }

        private mutating func takeASCII(_ scalar: Unicode.Scalar) {
            switch scalar {
            case "a"..."z": letter(scalar, capital: false)
            case "A"..."Z": letter(Unicode.Scalar(UInt8(scalar.value) + 32), capital: true)
            case "0"..."9": digit(scalar)
            case ".", ",":
                if isNumber, pending == nil { pending = scalar } else { end() }
            // "don't" is one word.
            case "'" where !word.isEmpty && !isNumber: break
            case "%", "$":
                end()
                words.append(String(scalar))
            default:
                end()
                if scalar == "-" { pending = "-" }
            }
        }

        private mutating func letter(_ scalar: Unicode.Scalar, capital: Bool) {
            if pending != nil { end() }
            if word.isEmpty { isCapital = capital }
            if capital, !scalar.isASCII {
                word.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
            } else {
                word.append(scalar)
            }
        }

        private mutating func digit(_ scalar: Unicode.Scalar) {
            if let mark = pending, isNumber || word.isEmpty { word.append(mark) }
            pending = nil
            isNumber = true
            word.append(scalar)
        }

        mutating func end() {
            pending = nil
            guard !word.isEmpty else { return }
            let text = String(word)
            words.append(text)
            if isCapital { capitalized.insert(text) }
            word.removeAll(keepingCapacity: true)
            (isCapital, isNumber) = (false, false)
        }
    }
}
