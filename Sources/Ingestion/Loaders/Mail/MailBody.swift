/// What a message says, and what hangs at it.
struct MailBody {
    private(set) var document: LoadedDocument?
    private(set) var parts: [DocumentPart] = []
    private(set) var notices: [String] = []
    private let budget: LoadBudget
    private var isEncrypted = false
    private var depth = 0
    static let maximumDepth = 32

    init(budget: LoadBudget) { self.budget = budget }

    /// Text by preference plain, then HTML; everything else is attached.
    mutating func read(_ part: MIMEMessage) throws(IngestionError) {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw .nestedTooDeep(limit: Self.maximumDepth) }
        try budget.checkTime()
        let type = part.mediaType
        if isAttachment(part) { return try attach(part) }
        if type == "multipart/alternative" { return try alternatives(part.parts()) }
        if type == "multipart/encrypted" { notices.append("the message is encrypted") }
        if type.hasPrefix("multipart/") {
            let inner = part.parts()
            if inner.isEmpty { try show(part, asHTML: false) }
            for child in inner { try read(child) }
        } else if type == "text/html" || type == "text/plain" || type == "text/enriched" || type == "message/delivery-status" || type == "text/rfc822-headers" {
            try show(part, asHTML: type == "text/html")
        } else {
            try attach(part)
        }
    }

    private func isAttachment(_ part: MIMEMessage) -> Bool {
        if part["content-disposition"]?.lowercased().hasPrefix("attachment") == true { return true }
        return Self.name(part) != nil && !part.mediaType.hasPrefix("multipart/") && document != nil
    }

    private mutating func alternatives(_ parts: [MIMEMessage]) throws(IngestionError) {
        let plain = parts.first { $0.mediaType == "text/plain" && !isAttachment($0) }
        if let plain, try !Self.text(plain, budget).isBlank {
            try read(plain)
            // What is more than another form of the text is kept.
            for other in parts where other.mediaType.hasPrefix("multipart/") || other.mediaType == "text/calendar" {
                var rest = MailBody(budget: budget)
                try rest.read(other)
                self.parts += rest.parts
            }
            return
        }
        if let rich = parts.last(where: { $0.mediaType == "text/html" || $0.mediaType.hasPrefix("multipart/") }) ?? parts.last { try read(rich) }
    }

    private mutating func show(_ part: MIMEMessage, asHTML: Bool) throws(IngestionError) {
        let bytes = try part.content(budget: budget), charset = part.parameter("charset", of: "content-type")
        var loaded: LoadedDocument
        if asHTML {
            let decoded = TextDecoder.decode(bytes, declared: charset ?? HTMLLoader.declaredEncoding(bytes))
            loaded = try HTMLLoader().load(SourceText(decoded.bytes), of: FileContents(path: "body.html", bytes: [], budget: budget))
        } else {
            let decoded = TextDecoder.decode(bytes, declared: charset)
            loaded = PlainTextLoader.document(SourceText(decoded.bytes))
        }
        guard !loaded.blocks.isEmpty else { return }
        guard let earlier = document else { document = loaded; return }
        var both = DocumentBuilder(budget: budget)
        try both.append(earlier)
        try both.append(loaded)
        document = both.finish()
    }

    private static func text(_ part: MIMEMessage, _ budget: LoadBudget) throws(IngestionError) -> SourceText {
        SourceText(TextDecoder.decode(try part.content(budget: budget), declared: part.parameter("charset", of: "content-type")).bytes)
    }

    private static func name(_ part: MIMEMessage) -> String? {
        (part.parameter("filename", of: "content-disposition") ?? part.parameter("name", of: "content-type")).map(HeaderText.decode)
    }

    private mutating func attach(_ part: MIMEMessage) throws(IngestionError) {
        // An image within the text has no name of its own and says nothing that can be indexed.
        if part.mediaType == "application/pkcs7-signature" || part.mediaType == "application/pgp-signature" { return }
        let given = Self.name(part)?.split(whereSeparator: { $0 == "/" || $0 == "\\" || $0 == "\0" }).last.map(String.init)
        var name = given.flatMap { $0 == ".." || $0 == "." ? nil : $0 } ?? "part-\(parts.count + 1)" + Self.fileExtension(part.mediaType)
        if parts.contains(where: { $0.name == name }) { name = "\(parts.count + 1)-" + name }
        parts.append(DocumentPart(name: name, content: .bytes(try part.content(budget: budget))))
    }

    private static func fileExtension(_ type: String) -> String {
        switch type {
        case "message/rfc822": ".eml"
        case "text/html": ".html"
        case "text/calendar": ".ics"
        case "application/pdf": ".pdf"
        case "image/png": ".png"
        case "image/jpeg": ".jpg"
        case "image/gif": ".gif"
        case let other where other.hasPrefix("text/"): ".txt"
        default: ".bin"
        }
    }
}

extension SourceText {
    var isBlank: Bool { isBlank(0..<bytes.count) }
}
