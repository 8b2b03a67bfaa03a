/// MBOX (RFC 4155): each message is a document of its own.
package struct MBOXLoader: DocumentLoader {
    package let formatName = "mailbox"

    package init() {}

    package func canLoad(_ file: FileContents) -> Bool {
        if file.pathExtension == "mbox" || file.pathExtension == "mbx" { return true }
        return file.pathExtension.isEmpty && file.bytes.starts(with: Array("From ".utf8)) && MIMEMessage(Array(file.bytes.prefix(4096).drop { $0 != Ascii.newline }.dropFirst()))["from"] != nil
    }

    package func load(_ file: FileContents) throws(IngestionError) -> LoadedDocument {
        var document = LoadedDocument(text: "", blocks: [])
        let starts = Self.starts(file.bytes)
        guard !starts.isEmpty else { throw .malformed(format: formatName, reason: "no line begins a message") }
        for (index, start) in starts.enumerated() {
            let end = index + 1 < starts.count ? starts[index + 1] : file.bytes.count
            let body = file.bytes[start..<end].firstIndex(of: Ascii.newline).map { $0 + 1 } ?? end
            try file.budget.expand(by: end - body)
            document.parts.append(DocumentPart(name: "\(index + 1).eml", content: .bytes(Self.unquoted(file.bytes[body..<end]))))
        }
        return document
    }

    /// Where lines begin that separate messages: `From ` after an empty line or at the top.
    private static func starts(_ bytes: [UInt8]) -> [Int] {
        let mark = Array("From ".utf8)
        var starts: [Int] = [], offset = 0, wasBlank = true
        while offset < bytes.count {
            let end = bytes[offset...].firstIndex(of: Ascii.newline) ?? bytes.count
            if wasBlank, bytes[offset] == mark[0], bytes[offset..<end].starts(with: mark) { starts.append(offset) }
            wasBlank = end == offset || (end == offset + 1 && bytes[offset] == 0x0D)
            offset = end + 1
        }
        return starts
    }

    /// `>From ` at the beginning of a line stood as `From `.
    private static func unquoted(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let mark = Array("From ".utf8)
        var output: [UInt8] = [], offset = bytes.startIndex
        output.reserveCapacity(bytes.count)
        while offset < bytes.endIndex {
            let end = bytes[offset...].firstIndex(of: Ascii.newline).map { $0 + 1 } ?? bytes.endIndex
            let line = bytes[offset..<end], rest = line.drop { $0 == UInt8(ascii: ">") }
            output += line.first == UInt8(ascii: ">") && rest.starts(with: mark) ? line.dropFirst() : line
            offset = end
        }
        return output
    }
}
