import CLibXML2

/// The attributes of one element as libxml2 hands them over; valid during the event only.
struct HTMLAttributes {
    fileprivate let pointer: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?

    /// The value of an attribute by its name in lower case, cut after 64 kB.
    subscript(_ name: StaticString) -> String? {
        guard let value = find(name) else { return nil }
        let length = strnlen(UnsafeRawPointer(value).assumingMemoryBound(to: CChar.self), 65_536)
        return String(decoding: UnsafeBufferPointer(start: value, count: length), as: UTF8.self)
    }

    private func find(_ name: StaticString) -> UnsafePointer<xmlChar>? {
        guard var next = pointer else { return nil }
        while let key = next.pointee {
            if xmlStrEqual(key, name.utf8Start) != 0 { return next[1] }
            next += 2
        }
        return nil
    }

    private func has(_ name: StaticString) -> Bool {
        guard var next = pointer else { return false }
        while let key = next.pointee {
            if xmlStrEqual(key, name.utf8Start) != 0 { return true }
            next += 2
        }
        return false
    }

    /// Whether the element is not shown.
    var isHidden: Bool {
        guard pointer != nil else { return false }
        return has("hidden") || self["aria-hidden"] == "true" || (self["style"].map(HTMLTag.hides) ?? false)
    }

    /// The paint within the element, where that of its surroundings is `outer`.
    func paint(_ outer: HTMLPaint) -> HTMLPaint {
        guard pointer != nil, has("style") || has("bgcolor") || has("color") else { return outer }
        return outer.within(style: self["style"], background: self["bgcolor"], color: self["color"])
    }

    /// Whether the element belongs to a page's frame.
    var isFrame: Bool {
        guard pointer != nil else { return false }
        return HTMLTag.isFrame(role: self["role"], classes: self["class"], identifier: self["id"])
    }

    /// The language of code from classes such as `language-swift`, `lang-c`, `highlight-source-shell`.
    var language: String? {
        for name in self["class"]?.split(separator: " ") ?? [] {
            for prefix in ["language-", "lang-", "highlight-source-", "highlight-", "brush:"] where name.hasPrefix(prefix) && name.count > prefix.count {
                return String(name.dropFirst(prefix.count))
            }
        }
        return nil
    }
}

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Drives libxml2's HTML parser event by event, so that no tree is built: memory stays near the size of the text.
///
/// No network, no external entities; errors are recovered from and not printed. Parsing stops at `maximumDepth`.
struct HTMLParser {
    /// libxml2 searches its stack of open elements for stray tags, so depth times size is the cost of hostile input.
    static let maximumDepth = 1000

    /// - Returns: the text, and whether parsing stopped for depth; `nil` if libxml2 could not start.
    static func parse(_ bytes: [UInt8], keepsFrame: Bool, hasStyles: Bool, budget: LoadBudget) -> (builder: HTMLTextBuilder, isTooDeep: Bool)? {
        _ = isInitialized
        guard !bytes.isEmpty, let size = Int32(exactly: bytes.count) else { return nil }
        let state = State(budget: budget, builder: HTMLTextBuilder(keepsFrame: keepsFrame, hasStyles: hasStyles, capacity: bytes.count / 2))
        let context = bytes.withUnsafeBytes { htmlCreateMemoryParserCtxt($0.bindMemory(to: CChar.self).baseAddress, size) }
        guard let context else { return nil }
        defer { htmlFreeParserCtxt(context) }
        guard configure(context) else { return nil }
        state.context = context
        withExtendedLifetime(state) {
            context.pointee.userData = Unmanaged.passUnretained(state).toOpaque()
            htmlParseDocument(context)
        }
        // libxml2 frees a document only with its owner; the events make none.
        if let document = context.pointee.myDoc { xmlFreeDoc(document) }
        context.pointee.myDoc = nil
        state.builder.finish()
        return (state.builder, state.isTooDeep)
    }

    private static let isInitialized: Bool = {
        xmlInitParser()
        return true
    }()

    private final class State {
        let budget: LoadBudget
        let builder: HTMLTextBuilder
        var context: htmlParserCtxtPtr?
        var isTooDeep = false
        /// Names are interned by libxml2, so that a pointer stands for a name.
        private var tags: [UnsafePointer<xmlChar>: HTMLTag] = [:]

        init(budget: LoadBudget, builder: HTMLTextBuilder) { (self.budget, self.builder) = (budget, builder) }

        func tag(_ name: UnsafePointer<xmlChar>) -> HTMLTag {
            if let known = tags[name] { return known }
            let length = strnlen(UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self), 32)
            let tag = HTMLTag(name: String(decoding: UnsafeBufferPointer(start: name, count: length), as: UTF8.self).lowercased())
            tags[name] = tag
            return tag
        }

        var line: Int { Int(context?.pointee.input?.pointee.line ?? 1) }
    }

    private static func configure(_ context: htmlParserCtxtPtr) -> Bool {
        let options = HTML_PARSE_RECOVER.rawValue | HTML_PARSE_NOERROR.rawValue | HTML_PARSE_NOWARNING.rawValue | HTML_PARSE_NONET.rawValue
            | HTML_PARSE_IGNORE_ENC.rawValue | HTML_PARSE_NODEFDTD.rawValue
        htmlCtxtUseOptions(context, Int32(bitPattern: UInt32(options)))
        xmlSwitchEncoding(context, XML_CHAR_ENCODING_UTF8)
        guard let sax = context.pointee.sax else { return false }
        sax.pointee = xmlSAXHandler()
        sax.pointee.startElement = { data, name, attributes in
            guard let data, let name else { return }
            let state = Unmanaged<State>.fromOpaque(data).takeUnretainedValue()
            state.builder.start(state.tag(name), HTMLAttributes(pointer: attributes))
            if !state.budget.step() { xmlStopParser(state.context) }
            if state.builder.depth > HTMLParser.maximumDepth {
                state.isTooDeep = true
                xmlStopParser(state.context)
            }
        }
        sax.pointee.endElement = { data, _ in
            guard let data else { return }
            Unmanaged<State>.fromOpaque(data).takeUnretainedValue().builder.end()
        }
        let characters: charactersSAXFunc = { data, bytes, length in
            guard let data, let bytes, length > 0 else { return }
            let state = Unmanaged<State>.fromOpaque(data).takeUnretainedValue()
            state.builder.characters(UnsafeBufferPointer(start: bytes, count: Int(length)), endLine: state.line)
        }
        sax.pointee.characters = characters
        sax.pointee.ignorableWhitespace = characters
        sax.pointee.cdataBlock = characters
        return true
    }
}
