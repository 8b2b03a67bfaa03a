import Ingestion

/// A loader for a format that Footnote does not read, or should read in another way. Register it with
/// `IndexingOptions.loaders`.
///
/// ```swift
/// struct SubtitleLoader: FileLoader {
///     let formatName = "subtitles"
///     let extensions: Set<String> = ["srt"]
///
///     func load(_ bytes: [UInt8], path: String) throws -> FileText {
///         var text = FileText()
///         for cue in String(decoding: bytes, as: UTF8.self).components(separatedBy: "\n\n") { text.paragraph(cue) }
///         return text
///     }
/// }
/// ```
/// It is called on a thread that may wait, and for several files at once. What it throws is reported as the reason why
/// the file could not be indexed.
public protocol FileLoader: Sendable {
    /// As shown in reports and listings.
    var formatName: String { get }
    /// In lower case without the full stop.
    var extensions: Set<String> { get }
    func load(_ bytes: [UInt8], path: String) throws -> FileText
}

/// What a loader of your own makes of a file: its text, block after block. White space is tidied.
public struct FileText: Sendable {
    enum Entry: Sendable {
        case heading(String, level: Int)
        case paragraph(String)
        case listItem(String)
        case row([String], isHeader: Bool)
        case code(String, language: String?)
    }

    public var title: String?
    /// By which searches can be limited. Keys in lower case.
    public var metadata: [String: String] = [:]
    /// What a person should know about how the file was read.
    public var notices: [String] = []
    /// The page on which the next blocks stand, from 1.
    public var page: Int?
    private(set) var entries: [(entry: Entry, page: Int?)] = []

    public init() {}

    /// - Parameter level: from 1, the outermost.
    public mutating func heading(_ text: String, level: Int = 1) { entries.append((.heading(text, level: level), page)) }
    public mutating func paragraph(_ text: String) { entries.append((.paragraph(text), page)) }
    public mutating func listItem(_ text: String) { entries.append((.listItem(text), page)) }
    /// - Parameter isHeader: whether the row names the columns; it is repeated with each group of rows below it.
    public mutating func row(_ cells: [String], isHeader: Bool = false) { entries.append((.row(cells, isHeader: isHeader), page)) }
    /// Text whose lines and spaces mean something.
    public mutating func code(_ text: String, language: String? = nil) { entries.append((.code(text, language: language), page)) }
}

/// A loader of a library's user, behind the protocol of the others.
private struct CustomLoader: DocumentLoader {
    let loader: any FileLoader
    var formatName: String { loader.formatName }

    func canLoad(_ file: FileContents) -> Bool { loader.extensions.contains(file.pathExtension) }

    func load(_ file: FileContents) throws(IngestionError) -> LoadedDocument {
        let text: FileText
        do {
            text = try loader.load(file.bytes, path: file.path)
        } catch {
            throw .malformed(format: formatName, reason: "\(error)")
        }
        var builder = DocumentBuilder(budget: file.budget)
        builder.title = text.title
        builder.metadata = text.metadata
        builder.notices = text.notices
        for (entry, page) in text.entries {
            builder.place = page.map(Place.page)
            switch entry {
            case .heading(let text, let level): try builder.heading(text, level: level)
            case .paragraph(let text): try builder.paragraph(text)
            case .listItem(let text): try builder.listItem(text)
            case .row(let cells, let isHeader): try builder.row(cells, header: isHeader)
            case .code(let text, let language): try builder.code(text, language: language)
            }
        }
        return builder.finish()
    }
}

extension LoaderRegistry {
    /// The standard loaders behind those of the library's user.
    init(custom: [any FileLoader]) {
        self.init(loaders: custom.map { CustomLoader(loader: $0) } + LoaderRegistry.standard.loaders)
    }
}
