/// EML (RFC 5322): headers as metadata, the text by preference plain, attachments as documents of their own.
package struct EMLLoader: DocumentLoader {
    package let formatName = "mail"

    package init() {}

    package func canLoad(_ file: FileContents) -> Bool { ["eml", "emlx", "mht", "mhtml"].contains(file.pathExtension) && !file.bytes.starts(with: [0xD0, 0xCF]) }

    package func load(_ file: FileContents) throws(IngestionError) -> LoadedDocument {
        let message = MIMEMessage(file.bytes)
        guard !message.fields.isEmpty else { throw .malformed(format: formatName, reason: "it has no header") }
        if message.mediaType == "multipart/related", file.pathExtension.hasPrefix("mht") || message["snapshot-content-location"] != nil {
            return try MHTMLPage(message, budget: file.budget).load()
        }
        return try Self.document(message, budget: file.budget)
    }

    static func document(_ message: MIMEMessage, budget: LoadBudget) throws(IngestionError) -> LoadedDocument {
        var body = MailBody(budget: budget)
        try body.read(message)
        var builder = DocumentBuilder(budget: budget)
        builder.title = message["subject"]
        for name in ["from", "to", "cc", "date", "message-id", "in-reply-to", "list-id", "reply-to"] { if let value = message[name] { builder.metadata[name] = String(value.prefix(4096)) } }
        // Who wrote what to whom, and when, is asked for as often as what was written.
        let head = [("From", "from"), ("To", "to"), ("Cc", "cc"), ("Date", "date")].compactMap { title, name in message[name].map { "\(title): \($0.prefix(1000))" } }
        if let subject = message["subject"], !subject.isEmpty { try builder.heading(String(subject.prefix(1000)), level: 1) }
        try builder.paragraph(head.joined(separator: "\n"))
        if let text = body.document { try builder.append(text) }
        builder.notices += body.notices
        builder.parts = body.parts
        return builder.finish()
    }
}

/// A web page saved with what it shows: the text is that of its first HTML part.
private struct MHTMLPage {
    let message: MIMEMessage
    let budget: LoadBudget

    init(_ message: MIMEMessage, budget: LoadBudget) {
        self.message = message
        self.budget = budget
    }

    func load() throws(IngestionError) -> LoadedDocument {
        guard let page = Self.page(message, depth: 0) else { throw .malformed(format: "MHTML", reason: "it holds no page") }
        let bytes = try page.content(budget: budget)
        let decoded = TextDecoder.decode(bytes, declared: page.parameter("charset", of: "content-type") ?? HTMLLoader.declaredEncoding(bytes))
        var document = try HTMLLoader().load(SourceText(decoded.bytes), of: FileContents(path: "page.html", bytes: [], budget: budget))
        document.title = document.title ?? message["subject"]
        document.metadata["url"] = message["snapshot-content-location"] ?? page["content-location"]
        return document
    }

    private static func page(_ message: MIMEMessage, depth: Int) -> MIMEMessage? {
        if message.mediaType == "text/html" || message.mediaType == "application/xhtml+xml" { return message }
        guard depth < 8, message.mediaType.hasPrefix("multipart/") else { return nil }
        return message.parts().lazy.compactMap { page($0, depth: depth + 1) }.first
    }
}
