import Foundation
import Testing

import Ingestion

@Suite struct LegacyOfficeTests {
    private static let signature: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]

    private func outcome(_ name: String, _ bytes: [UInt8]) -> LoadOutcome {
        LoaderRegistry.standard.load(FileContents(path: name, bytes: bytes))
    }

    @Test func messagesAreNamed() {
        guard case .failed(let error) = outcome("a.msg", Self.signature + [UInt8](repeating: 0, count: 600)) else { Issue.record("not failed"); return }
        #expect(error.description == "Outlook message (.msg) is not read; save it as .eml and index that")
        #expect(error.isLasting)
    }

    /// Whether the programs are there or not, a damaged file is a failure with a reason, never silence.
    @Test(arguments: ["a.doc", "a.xls", "a.ppt"]) func damaged(_ name: String) {
        guard case .failed(let error) = outcome(name, Self.signature + [UInt8](repeating: 7, count: 600)) else { Issue.record("not failed"); return }
        #expect(!error.description.contains("/tmp") && error.description.count > 10, "\(error)")
    }

    /// What is no such file is for other loaders.
    @Test func otherBytes() {
        guard case .loaded(_, let format) = outcome("a.doc", Array("{\\rtf1 A letter.\\par}".utf8)) else { Issue.record("not loaded"); return }
        #expect(format == "RTF")
    }

    private static let documents = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared/documents")

    @Test func realDocument() throws {
        let file = Self.documents.appendingPathComponent("unstructured/example-docs/duplicate-paragraphs.doc")
        guard LoaderRegistry.version.contains("antiword") || LoaderRegistry.version.contains("catdoc"), let data = try? Data(contentsOf: file) else { return }
        guard case .loaded(let document, _) = outcome("a.doc", Array(data)) else { Issue.record("not loaded"); return }
        #expect(document.blocks.count > 1)
    }
}
