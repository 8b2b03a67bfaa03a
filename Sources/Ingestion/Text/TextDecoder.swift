/// Text as the loaders want it, and what had to be done for that.
package struct DecodedText: Sendable, Equatable {
    /// Valid UTF-8; lines end with `\n`; no byte-order mark; no NUL.
    package var bytes: [UInt8]
    /// The encoding's registered name.
    package var encoding: String
    /// Bytes of the file that were not text in that encoding and became U+FFFD.
    package var replacedBytes: Int
    /// Whether the encoding was guessed from the frequency of characters.
    package var isGuessed: Bool

    /// Sentences for the report; empty when nothing needs saying.
    package var notices: [String] {
        var notices: [String] = []
        if isGuessed { notices.append("read as \(encoding), guessed from its bytes") }
        if replacedBytes > 0 { notices.append("\(replacedBytes) bytes are not \(encoding) and were replaced by U+FFFD") }
        return notices
    }
}

/// Finds the encoding of a text file and decodes it: byte-order marks, strict UTF-8, UTF-16 by its NULs, a declared
/// encoding, then the usual legacy encodings by the frequency of their characters, else UTF-8 with repairs.
package enum TextDecoder {
    /// - Parameter declared: an encoding that the file itself names, such as an HTML `charset`. Tried when the bytes
    ///   are not valid UTF-8.
    package static func decode(_ bytes: [UInt8], declared: String? = nil) -> DecodedText {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return decodeUTF8(Array(bytes.dropFirst(3))) }
        if let wide = UTF16Text.decode(bytes) { return finish(wide.bytes, wide.encoding, wide.replaced, guessed: wide.isGuessed) }
        if bytes.withUnsafeBufferPointer(UTF8Repair.firstInvalid) == nil { return finish(bytes, "UTF-8", 0, guessed: false) }
        if let declared, let text = CharacterSet.convert(bytes, from: declared) {
            return finish(text.bytes, declared, text.replaced, guessed: false)
        }
        if let guess = EncodingGuess.best(for: bytes), let text = CharacterSet.convert(bytes, from: guess) {
            return finish(text.bytes, guess, text.replaced, guessed: true)
        }
        return decodeUTF8(bytes)
    }

    private static func decodeUTF8(_ bytes: [UInt8]) -> DecodedText {
        guard bytes.withUnsafeBufferPointer(UTF8Repair.firstInvalid) != nil else { return finish(bytes, "UTF-8", 0, guessed: false) }
        let repaired = bytes.withUnsafeBufferPointer(UTF8Repair.repaired)
        return finish(repaired.bytes, "UTF-8", repaired.replaced, guessed: false)
    }

    private static func finish(_ bytes: [UInt8], _ encoding: String, _ replaced: Int, guessed: Bool) -> DecodedText {
        let needsWork = bytes.withUnsafeBufferPointer { $0.contains(0x0D) || $0.contains(0) }
        guard needsWork else { return DecodedText(bytes: bytes, encoding: encoding, replacedBytes: replaced, isGuessed: guessed) }
        var result: [UInt8] = [], nuls = 0
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case 0x0D:
                result.append(Ascii.newline)
                if index + 1 < bytes.count, bytes[index + 1] == Ascii.newline { index += 1 }
            case 0:
                result.append(contentsOf: [0xEF, 0xBF, 0xBD])
                nuls += 1
            default: result.append(bytes[index])
            }
            index += 1
        }
        return DecodedText(bytes: result, encoding: encoding, replacedBytes: replaced + nuls, isGuessed: guessed)
    }
}

/// UTF-16 and UTF-32 with a byte-order mark, and UTF-16 without one where NULs betray it.
enum UTF16Text {
    static func decode(_ bytes: [UInt8]) -> (bytes: [UInt8], encoding: String, replaced: Int, isGuessed: Bool)? {
        if bytes.starts(with: [0xFF, 0xFE, 0, 0]), bytes.count % 4 == 0 { return utf32(bytes.dropFirst(4), bigEndian: false) }
        if bytes.starts(with: [0, 0, 0xFE, 0xFF]), bytes.count % 4 == 0 { return utf32(bytes.dropFirst(4), bigEndian: true) }
        if bytes.starts(with: [0xFF, 0xFE]) { return utf16(bytes.dropFirst(2), bigEndian: false, guessed: false) }
        if bytes.starts(with: [0xFE, 0xFF]) { return utf16(bytes.dropFirst(2), bigEndian: true, guessed: false) }
        guard let bigEndian = byteOrder(bytes.prefix(4096)) else { return nil }
        return utf16(bytes[...], bigEndian: bigEndian, guessed: true)
    }

    /// ASCII and Latin text in UTF-16 has a NUL in most pairs, always on the same side.
    private static func byteOrder(_ sample: ArraySlice<UInt8>) -> Bool? {
        let pairs = sample.count / 2
        guard pairs >= 4 else { return nil }
        var even = 0, odd = 0
        for pair in 0..<pairs {
            let first = sample[sample.startIndex + 2 * pair], second = sample[sample.startIndex + 2 * pair + 1]
            if first == 0, second != 0 { even += 1 }
            if second == 0, first != 0 { odd += 1 }
        }
        if odd * 10 >= pairs * 4, even * 50 <= pairs { return false }
        if even * 10 >= pairs * 4, odd * 50 <= pairs { return true }
        return nil
    }

    private static func utf16(_ bytes: ArraySlice<UInt8>, bigEndian: Bool, guessed: Bool)
        -> (bytes: [UInt8], encoding: String, replaced: Int, isGuessed: Bool) {
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count / 2)
        for index in stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2) {
            let first = UInt16(bytes[index]), second = UInt16(bytes[index + 1])
            units.append(bigEndian ? first << 8 | second : second << 8 | first)
        }
        var result: [UInt8] = [], replaced = bytes.count % 2
        result.reserveCapacity(bytes.count)
        let invalid = transcode(units.makeIterator(), from: UTF16.self, to: UTF8.self, stoppingOnError: false) { result.append($0) }
        if invalid { replaced += replacements(in: result) * 2 }
        return (result, bigEndian ? "UTF-16BE" : "UTF-16LE", replaced, guessed)
    }

    private static func utf32(_ bytes: ArraySlice<UInt8>, bigEndian: Bool)
        -> (bytes: [UInt8], encoding: String, replaced: Int, isGuessed: Bool) {
        var units: [UInt32] = []
        units.reserveCapacity(bytes.count / 4)
        for index in stride(from: bytes.startIndex, to: bytes.endIndex - 3, by: 4) {
            var unit: UInt32 = 0
            for place in 0..<4 { unit = unit << 8 | UInt32(bytes[index + (bigEndian ? place : 3 - place)]) }
            units.append(unit)
        }
        var result: [UInt8] = []
        let invalid = transcode(units.makeIterator(), from: UTF32.self, to: UTF8.self, stoppingOnError: false) { result.append($0) }
        return (result, bigEndian ? "UTF-32BE" : "UTF-32LE", invalid ? replacements(in: result) * 4 : 0, false)
    }

    private static func replacements(in bytes: [UInt8]) -> Int {
        var count = 0
        for index in bytes.indices.dropLast(2) where bytes[index] == 0xEF && bytes[index + 1] == 0xBF && bytes[index + 2] == 0xBD {
            count += 1
        }
        return count
    }
}
