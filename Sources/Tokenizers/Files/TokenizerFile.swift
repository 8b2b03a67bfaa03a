#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the readers of tokenizer files have in common.
package enum TokenizerFile {
    private static let maximumSize = 256 << 20

    static func read(_ url: URL) throws -> [UInt8] {
        do {
            let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
            if let size = attributes[.size] as? Int, size > maximumSize {
                throw TokenizerError.unreadableFile(path: url.path, reason: "it is larger than \(maximumSize >> 20) MiB")
            }
            return try Array(Data(contentsOf: url))
        } catch let error as TokenizerError {
            throw error
        } catch {
            throw TokenizerError.unreadableFile(path: url.path, reason: "\(error)")
        }
    }

    /// - Throws: `TokenizerError.unsupported` unless the value is this name.
    static func require(_ name: String, _ value: JSONValue?, as component: String) throws(TokenizerError) {
        let found = value?.string ?? "none"
        if found != name { throw .unsupported(component: component, name: found) }
    }

    /// Spelling of every id, from the model's vocabulary and the added tokens.
    package static func vocabulary(model: JSONValue, addedTokens: JSONValue?) throws(TokenizerError) -> [String] {
        guard let members = model["vocab"]?.object else { throw .missingField("model.vocab") }
        let added = addedTokens?.array ?? []
        var spellings = [String?](repeating: nil, count: members.count + added.count)
        func assign(_ token: String, _ id: Int) throws(TokenizerError) {
            guard spellings.indices.contains(id) else { throw .identifierOutOfRange(id, count: spellings.count) }
            if let other = spellings[id], !other.utf8.elementsEqual(token.utf8) {
                throw .duplicateIdentifier(id, first: other, second: token)
            }
            spellings[id] = token
        }
        for (token, value) in members {
            guard let id = value.integer else { throw .missingField("model.vocab.\(token)") }
            try assign(token, id)
        }
        for token in added {
            guard let content = token["content"]?.string, let id = token["id"]?.integer else {
                throw .missingField("added_tokens")
            }
            try assign(content, id)
        }
        let count = (spellings.lastIndex { $0 != nil } ?? -1) + 1
        if let gap = spellings[..<count].firstIndex(where: { $0 == nil }) { throw .missingIdentifier(gap) }
        return spellings[..<count].compactMap { $0 }
    }
}
