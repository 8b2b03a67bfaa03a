/// What an element does to the text around and inside it.
enum HTMLTag: Equatable {
    case inline
    /// Begins and ends a block.
    case block
    case heading(Int)
    case pre, code
    case list(ordered: Bool)
    case item
    case term
    case table, head, row
    case cell(isHeader: Bool)
    case lineBreak
    case title, meta, html
    /// `main` and `article`: inside them nothing is taken for a page's frame.
    case main
    /// Navigation and other parts of a page's frame.
    case frame
    /// Never shown as text: scripts, styles, graphics, controls.
    case invisible

    private static let byName: [String: HTMLTag] = {
        var table: [String: HTMLTag] = [
            "pre": .pre, "listing": .pre, "xmp": .pre, "code": .code, "ul": .list(ordered: false), "menu": .list(ordered: false),
            "ol": .list(ordered: true), "li": .item, "dt": .term, "dd": .term, "table": .table, "thead": .head, "tr": .row,
            "td": .cell(isHeader: false), "th": .cell(isHeader: true), "br": .lineBreak, "title": .title, "meta": .meta, "html": .html,
            "main": .main, "article": .main,
        ]
        for level in 1...6 { table["h\(level)"] = .heading(level) }
        for name in [
            "p", "div", "section", "blockquote", "address", "body", "hr", "dl", "figure", "figcaption", "fieldset", "form", "details", "summary",
            "caption", "tbody", "tfoot", "center", "hgroup", "legend", "dialog",
        ] { table[name] = .block }
        for name in ["nav", "aside", "header", "footer"] { table[name] = .frame }
        for name in [
            "script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "canvas", "select", "option", "button", "input",
            "textarea", "audio", "video", "map", "datalist", "annotation", "annotation-xml", "link",
        ] { table[name] = .invisible }
        return table
    }()

    /// - Parameter name: in lower case.
    init(name: String) { self = Self.byName[name] ?? .inline }

    /// Classes and identifiers that mark a page's frame in common themes and generators.
    private static let frameNames: Set<String> = [
        "nav", "navbar", "navigation", "sidebar", "breadcrumb", "breadcrumbs", "toc", "tableofcontents", "table-of-contents", "menu", "mainmenu",
        "footer", "site-footer", "page-footer", "site-header", "cookie-banner", "skip-link", "pagination", "headerlink", "related", "sphinxsidebar",
        "navheader", "navfooter", "noprint", "nosearch", "nav-links", "site-nav", "share", "social",
    ]
    private static let frameRoles: Set<String> = ["navigation", "banner", "contentinfo", "complementary", "search", "menu", "menubar"]

    /// Whether attributes mark an element as part of a page's frame.
    static func isFrame(role: String?, classes: String?, identifier: String?) -> Bool {
        if let role, frameRoles.contains(role.lowercased()) { return true }
        if let identifier, frameNames.contains(identifier.lowercased()) { return true }
        return classes?.lowercased().split(whereSeparator: \.isWhitespace).contains { frameNames.contains(String($0)) } ?? false
    }

    /// Parts of class names by which news sites and blogs mark what stands around an article.
    private static let clutterParts = [
        "sidebar", "related", "footer", "newsletter", "promo", "sponsor", "advert", "sharing", "trending", "recommend", "outbrain", "taboola", "zergnet", "disqus",
        "breadcrumb", "pagination", "cookie", "popup", "signup", "subscribe", "bannerad", "mostpopular", "mostread", "readmore", "sociallinks", "teaser", "widget", "masthead",
    ]
    private static let clutterWords: Set<String> = [
        "nav", "menu", "ad", "ads", "share", "shares", "social", "comments", "rail", "foot", "prefooter", "promoted", "toolbar", "skip", "undo", "gallery",
    ]
    /// Words that mark the text itself, whatever stands beside them.
    private static let textWords: Set<String> = ["main", "article", "content", "body", "post", "entry", "has", "with", "no", "page", "text", "doc", "document", "story"]

    /// Whether classes mark a block as clutter around an article. Identifiers are no help: those of sections are their titles.
    static func isClutter(classes: String) -> Bool {
        var found = false
        for name in classes.lowercased().split(whereSeparator: \.isWhitespace) {
            let words = name.split { !$0.isLetter && !$0.isNumber }.map(String.init)
            if words.contains(where: textWords.contains) { return false }
            let joined = words.joined()
            if words.contains(where: clutterWords.contains) || clutterParts.contains(where: joined.contains) { found = true }
        }
        return found
    }

    /// Whether an element may be left out as clutter: what is set within a line is not.
    var mayBeClutter: Bool {
        switch self {
        case .block, .list, .item, .table: true
        default: false
        }
    }

    /// Whether an inline style hides the element.
    static func hides(style: String) -> Bool {
        let plain = style.lowercased().filter { !$0.isWhitespace }
        return plain.contains("display:none") || plain.contains("visibility:hidden")
    }
}

extension HTMLAttributes {
    /// What a `meta` element says of the page, if it is worth keeping.
    var metadata: (name: String, value: String)? {
        guard let name = (self["name"] ?? self["property"])?.lowercased(), let content = self["content"], !content.isEmpty,
            ["description", "author", "keywords", "date", "og:title", "og:description", "article:published_time"].contains(name)
        else { return nil }
        return (name, String(content.prefix(2000)))
    }
}
