import Foundation
import Testing

import Ingestion

/// The documents that `Fixtures/make_documents.py` makes.
enum DocumentFixture {
    static func bytes(_ name: String) throws -> [UInt8] {
        let url = try #require(Bundle.module.url(forResource: "Fixtures/documents/\(name)", withExtension: nil))
        return Array(try Data(contentsOf: url))
    }

    static func all(_ name: String, limits: LoadLimits = LoadLimits()) throws -> [LoadedFile] {
        LoaderRegistry.standard.loadAll(FileContents(path: name, bytes: try bytes(name), budget: LoadBudget(limits)))
    }

    static func load(_ name: String) throws -> LoadedDocument {
        let files = try all(name)
        let document = try #require(files[0].document, "\(files[0].outcome)")
        document.checkInvariants(isSource: false)
        return document
    }

    /// A document from text under a name.
    static func load(_ name: String, _ text: String, isSource: Bool = true) throws -> LoadedDocument {
        let outcome = LoaderRegistry.standard.load(FileContents(path: name, bytes: Array(text.utf8)))
        guard case .loaded(let document, _) = outcome else {
            Issue.record("\(outcome)")
            return LoadedDocument(text: "", blocks: [])
        }
        document.checkInvariants(isSource: isSource)
        return document
    }
}

extension LoadedFile {
    var document: LoadedDocument? { if case .loaded(let document, _) = outcome { document } else { nil } }

    /// `path: what became of it`.
    var summary: String {
        switch outcome {
        case .loaded(let document, let format): "\(path): \(format), \(document.blocks.count) blocks"
        case .empty(let format, _): "\(path): \(format), empty"
        case .skipped(let reason): "\(path): skipped, \(reason)"
        case .failed(let error): "\(path): failed, \(error)"
        }
    }
}

extension LoadedDocument {
    /// Kinds, places and texts, without lines; hidden blocks in brackets.
    var parts: [String] {
        zip(blocks, outline).map { block, line in
            let kind: String = if case .heading(let level) = block.kind { "h\(level)[\(block.heading ?? "")]" } else { String(line.prefix { $0 != " " }) }
            let text = self.text(block.range).split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "⏎")
            let place = block.place.map { "@\($0) " } ?? ""
            return block.isHidden ? "(\(place)\(text))" : "\(place)\(kind): \(text)"
        }
    }
}
