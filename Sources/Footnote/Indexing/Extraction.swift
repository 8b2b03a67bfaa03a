public import Foundation
import Ingestion

/// What a loader sees of a file, without a knowledge base.
public struct ExtractedFile: Sendable, Codable, Hashable {
    public enum Status: String, Sendable, Codable { case loaded, empty, skipped, failed }

    public struct Block: Sendable, Codable, Hashable {
        /// `heading`, `paragraph`, `listItem`, `tableHeader`, `tableRow`, `code`, `record`.
        public var kind: String
        /// Of a heading, from 1.
        public var level: Int?
        /// Of code.
        public var language: String?
        /// Of a declaration in source code, with the names around it.
        public var name: String?
        /// `page 3`, `slide 2`, `sheet Costs, row 7`, `cell 4`.
        public var place: String?
        public var firstLine: Int
        public var lastLine: Int
        /// UTF-8 offsets into the text of the document.
        public var start: Int
        public var end: Int
        /// Not shown by the original; never indexed.
        public var isHidden: Bool
        public var text: String
    }

    /// Of a file within another `outer!/inner`.
    public var path: String
    public var status: Status
    public var format: String?
    /// Why it was skipped or failed.
    public var reason: String?
    public var title: String?
    public var metadata: [String: String] = [:]
    public var notices: [String] = []
    public var blocks: [Block] = []

    /// Reads a file, and the files within it, outermost first.
    /// - Throws: nothing: what cannot be read is `failed`.
    public static func read(_ url: URL, options: IndexingOptions = IndexingOptions()) async -> [ExtractedFile] {
        let reader = FileReader(maximumSize: options.maximumFileSize), registry = LoaderRegistry(custom: options.loaders)
        return await LoadingThreads.run {
            do throws(IngestionError) {
                let bytes = try reader.read(BytePath(url.path))
                return registry.loadAll(FileContents(path: url.path, bytes: bytes, budget: LoadBudget(options.limits))).map(ExtractedFile.init)
            } catch {
                return [ExtractedFile(LoadedFile(path: url.path, contents: nil, outcome: .failed(error), isMember: false))]
            }
        }
    }

    private init(_ file: LoadedFile) {
        path = file.path
        switch file.outcome {
        case .loaded(let document, let format):
            (status, self.format, title) = (.loaded, format, document.title)
            (metadata, notices) = (document.metadata, document.notices)
            blocks = document.blocks.map { Block($0, of: document.text) }
        case .empty(let format, let notices): (status, self.format, self.notices) = (.empty, format, notices)
        case .skipped(let reason): (status, self.reason) = (.skipped, reason.description)
        case .failed(let error): (status, reason) = (.failed, error.description)
        }
    }
}

extension ExtractedFile.Block {
    fileprivate init(_ block: Block, of text: String) {
        (firstLine, lastLine) = (block.lines.lowerBound, block.lines.upperBound)
        (start, end, isHidden) = (block.range.lowerBound, block.range.upperBound, block.isHidden)
        place = block.place?.description
        self.text = String(text[SourceRange(block.range)] ?? "")
        switch block.kind {
        case .heading(let level): (kind, self.level) = ("heading", level)
        case .paragraph: kind = "paragraph"
        case .listItem: kind = "listItem"
        case .tableRow(let isHeader): kind = isHeader ? "tableHeader" : "tableRow"
        case .code(let language, let name): (kind, self.language, self.name) = ("code", language, name)
        case .record: kind = "record"
        }
    }
}
