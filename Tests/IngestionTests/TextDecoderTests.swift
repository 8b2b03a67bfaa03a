import Testing

import Ingestion

@Suite struct TextDecoderTests {
    private func decode(_ bytes: [UInt8]) -> (String, DecodedText) {
        let decoded = TextDecoder.decode(bytes)
        return (String(decoding: decoded.bytes, as: UTF8.self), decoded)
    }

    @Test func marksAndLineEnds() {
        #expect(decode([0xEF, 0xBB, 0xBF] + Array("a\r\nb\rc\n".utf8)).0 == "a\nb\nc\n")
        #expect(decode([0xFF, 0xFE, 0x61, 0, 0xE5, 0x77]).0 == "a知")
        #expect(decode([0xFE, 0xFF, 0, 0x61, 0xD8, 0x3D, 0xDE, 0]).0 == "a😀")
        #expect(decode([0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0]).0 == "a")
        #expect(decode("hello there, reader".utf16.flatMap { [UInt8($0 & 0xFF), 0] }).1.encoding == "UTF-16LE")
    }

    @Test func damagedUTF8IsRepairedAndCounted() {
        let (text, decoded) = decode(Array("Well formed text 知识 with ".utf8) + [0xFF, 0xC0, 0x80] + Array(" damage 知".utf8) + [0xE7])
        #expect(text == "Well formed text 知识 with \u{FFFD} damage 知\u{FFFD}")
        #expect(decoded.encoding == "UTF-8" && decoded.replacedBytes == 4 && decoded.notices.count == 1)
        #expect(decode([0x61, 0, 0x62, 0x63] + Array(repeating: 0x61, count: 100)).1.replacedBytes == 1)
    }

    @Test func legacyEncodingsAreGuessed() {
        // "知识库保存在一个文件里，可以离线使用。" and the like in their encodings.
        let gb: [UInt8] = [0xD6, 0xAA, 0xCA, 0xB6, 0xBF, 0xE2, 0xB1, 0xA3, 0xB4, 0xE6, 0xD4, 0xDA, 0xD2, 0xBB, 0xB8, 0xF6, 0xCE, 0xC4, 0xBC, 0xFE, 0xC0, 0xEF, 0xA3, 0xAC, 0xBF, 0xC9, 0xD2, 0xD4, 0xC0, 0xEB, 0xCF, 0xDF, 0xCA, 0xB9, 0xD3, 0xC3, 0xA1, 0xA3]
        #expect(decode(gb).0 == "知识库保存在一个文件里，可以离线使用。")
        let shiftJIS: [UInt8] = [0x82, 0xB1, 0x82, 0xEA, 0x82, 0xCD, 0x93, 0xFA, 0x96, 0x7B, 0x8C, 0xEA, 0x82, 0xC5, 0x82, 0xB7, 0x81, 0x42]
        #expect(decode(shiftJIS).0 == "これは日本語です。")
        let korean: [UInt8] = [0xC7, 0xD1, 0xB1, 0xB9, 0xBE, 0xEE, 0x20, 0xB9, 0xAE, 0xBC, 0xAD, 0xC0, 0xD4, 0xB4, 0xCF, 0xB4, 0xD9, 0x2E]
        #expect(decode(korean).0 == "한국어 문서입니다.")
        let latin = Array("Der Schl".utf8) + [0xFC] + Array("ssel f".utf8) + [0xFC] + Array("r die T".utf8) + [0xFC] + Array("r".utf8)
        #expect(decode(latin).0 == "Der Schlüssel für die Tür" && decode(latin).1.isGuessed)
    }

    @Test func binaryFilesAreSkipped() {
        func outcome(_ name: String, _ bytes: [UInt8]) -> LoadOutcome { LoaderRegistry.standard.load(FileContents(path: name, bytes: bytes)) }
        #expect(outcome("a.md", [0x89, 0x50, 0x4E, 0x47, 1, 2, 3]) == .skipped(.binary("a PNG image")))
        #expect(outcome("a.txt", (0..<4000).map { UInt8(truncatingIfNeeded: $0 &* 37) }) == .skipped(.binary("binary data")))
        #expect(outcome("a.dat", Array("Just text".utf8)) == .loaded(LoadedDocument(text: "Just text", blocks: [Block(kind: .paragraph, range: 0..<9, lines: 1...1)]), format: "plain text"))
        #expect(outcome("a.txt", Array(" \n\t\n".utf8)) == .empty(format: "plain text"))
        #expect(outcome("a.md", []) == .empty(format: "empty file"))
    }
}
