/// Recognises files that are not text, from their first bytes.
enum BinaryDetection {
    private static let signatures: [(bytes: [UInt8], name: String)] = [
        ([0x89, 0x50, 0x4E, 0x47], "a PNG image"), ([0xFF, 0xD8, 0xFF], "a JPEG image"), (Array("GIF8".utf8), "a GIF image"),
        (Array("RIFF".utf8), "a RIFF media file"), (Array("%PDF-".utf8), "a PDF document"),
        ([0x50, 0x4B, 0x03, 0x04], "a ZIP archive or Office document"), ([0x1F, 0x8B], "a gzip archive"),
        (Array("BZh".utf8), "a bzip2 archive"), ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "an xz archive"),
        ([0x28, 0xB5, 0x2F, 0xFD], "a Zstandard archive"), ([0x37, 0x7A, 0xBC, 0xAF], "a 7-Zip archive"),
        ([0x7F, 0x45, 0x4C, 0x46], "an ELF program"), ([0xCF, 0xFA, 0xED, 0xFE], "a Mach-O program"),
        ([0xCA, 0xFE, 0xBA, 0xBE], "a Java class or Mach-O program"), (Array("SQLite format 3\0".utf8), "an SQLite database"),
        (Array("GGUF".utf8), "a GGUF model"), (Array("OggS".utf8), "an Ogg media file"), (Array("ID3".utf8), "an MP3 file"),
        (Array("fLaC".utf8), "a FLAC file"), (Array("wOFF".utf8), "a font"), (Array("wOF2".utf8), "a font"),
        ([0xD0, 0xCF, 0x11, 0xE0], "an old Office document"), ([0x00, 0x61, 0x73, 0x6D], "a WebAssembly module"),
        (Array("!<arch>".utf8), "a static library"),
    ]

    /// What the file is, if it is not text: a phrase such as "a PNG image".
    static func kind(of bytes: [UInt8]) -> String? {
        if let found = signatures.first(where: { bytes.starts(with: $0.bytes) }) { return found.name }
        let sample = bytes.prefix(8192)
        if UTF16Text.decode(Array(sample)) != nil { return nil }
        var nuls = 0, controls = 0
        for byte in sample where byte < 0x20 || byte == 0x7F {
            if byte == 0 { nuls += 1 } else if !(0x07...0x0D).contains(byte), byte != 0x1B { controls += 1 }
        }
        // A few NULs in a long text are damage; a thousandth of it is data.
        if nuls * 1000 > sample.count || (nuls > 0 && sample.count < 64) { return "binary data" }
        return controls * 20 > sample.count ? "binary data" : nil
    }
}
