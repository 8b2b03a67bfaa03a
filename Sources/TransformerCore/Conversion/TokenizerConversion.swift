import Tokenizers
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Puts a published tokenizer and chat template into a GGUF file's metadata: `tokenizer.json`, with the scores of
/// `tokenizer.model` where that is there, and `tokenizer_config.json`.
package struct TokenizerConversion {
    private let bytes: [UInt8]
    private let root: JSONValue
    private let framing: TokenizerFraming
    private let options: JSONValue?
    private let template: String?
    /// Ids that the model has embeddings for; more than tokens where a publisher rounded up.
    private let vocabularyCount: Int

    /// Token types of GGUF.
    private enum Kind: Int32 {
        case normal = 1, unknown, control, userDefined, unused, byte
    }

    init(folder: String, configuration: HuggingFaceConfiguration) throws {
        func optional(_ name: String) throws -> [UInt8]? {
            let path = folder + "/" + name
            return FileManager.default.fileExists(atPath: path) ? try FileBytes.contents(path: path) : nil
        }
        try self.init(
            tokenizer: FileBytes.contents(path: folder + "/tokenizer.json"), options: optional("tokenizer_config.json"),
            template: optional("chat_template.jinja"),
            vocabularyCount: configuration.int("vocab_size", in: 1...1 << 24))
    }

    /// - Parameters:
    ///   - tokenizer: `tokenizer.json`.
    ///   - options: `tokenizer_config.json`.
    ///   - template: `chat_template.jinja`, for options that hold none.
    ///   - vocabularyCount: embeddings of the model.
    /// - Throws: `TokenizerError`, or what reading JSON throws.
    package init(tokenizer: [UInt8], options: [UInt8]?, template: [UInt8]?, vocabularyCount: Int) throws {
        bytes = tokenizer
        root = try JSONReader.parse(tokenizer)
        framing = try TokenizerFraming(root["post_processor"])
        self.options = try options.map { try JSONReader.parse($0) }
        self.template = template.map { String(decoding: $0, as: UTF8.self) }
        self.vocabularyCount = vocabularyCount
    }

    /// Adds `tokenizer.ggml.*` and the chat template. Throws `TokenizerError` for a tokenizer that cannot be used.
    package func add(to writer: inout GGUFWriter) throws {
        guard let model = root["model"] else { throw TokenizerError.missingField("model") }
        switch model["type"]?.string ?? "BPE" {
        case "BPE" where model["byte_fallback"]?.bool == true: try addSentencePiece(model, to: &writer)
        case "BPE": try addBytePair(model, to: &writer)
        case "Unigram": try addUnigram(model, to: &writer)
        case "WordPiece": try addWordPiece(model, to: &writer)
        case let other: throw TokenizerError.unsupported(component: "tokenizer model", name: other)
        }
        addRoles(to: &writer)
        addFraming(to: &writer)
        addTemplate(to: &writer)
    }

    // MARK: Kinds of vocabularies

    private func addBytePair(_ model: JSONValue, to writer: inout GGUFWriter) throws {
        let vocabulary = try BytePairVocabulary(tokenizerJSON: bytes)
        writer.set("tokenizer.ggml.model", .string("gpt2"))
        writer.set("tokenizer.ggml.pre", .string(vocabulary.preTokenizer.ggufName))
        put(tokens: vocabulary.tokens, kinds: vocabulary.kinds.map(\.rawValue), to: &writer)
        writer.set("tokenizer.ggml.merges", .strings(vocabulary.merges.map { "\($0.left) \($0.right)" }))
    }

    private func addSentencePiece(_ model: JSONValue, to writer: inout GGUFWriter) throws {
        let tokens = try spellings(model)
        var scores = [Float](repeating: 0, count: tokens.count)
        // A token is as good as the merge that makes it comes early.
        var ranks: [String: Float] = [:]
        for (rank, merge) in (model["merges"]?.array ?? []).enumerated() {
            let parts = merge.array?.compactMap(\.string) ?? merge.string?.split(separator: " ").map(String.init) ?? []
            guard parts.count == 2 else { throw TokenizerError.malformedMerge(rank: rank, merge.string ?? "") }
            let joined = parts[0] + parts[1]
            if ranks[joined] == nil { ranks[joined] = -Float(rank) }
        }
        for (id, token) in tokens.enumerated() { scores[id] = ranks[token] ?? (token.count == 1 ? -Float(ranks.count) : 0) }
        writer.set("tokenizer.ggml.model", .string("llama"))
        writer.set("tokenizer.ggml.pre", .string("default"))
        put(tokens: tokens, kinds: kinds(tokens, unknown: model["unk_token"]?.string), to: &writer)
        writer.set("tokenizer.ggml.scores", .float32s(padded(scores, with: -10_000)))
        let steps = root["normalizer"]?["normalizers"]?.array ?? [root["normalizer"]].compactMap { $0 }
        let prepends = steps.contains { $0["type"]?.string == "Prepend" }
            || (root["pre_tokenizer"]?["type"]?.string == "Metaspace"
                && root["pre_tokenizer"]?["prepend_scheme"]?.string != "never")
        writer.set("tokenizer.ggml.add_space_prefix", .bool(prepends))
    }

    private func addUnigram(_ model: JSONValue, to writer: inout GGUFWriter) throws {
        guard let pieces = model["vocab"]?.array else { throw TokenizerError.missingField("model.vocab") }
        var tokens: [String] = []
        var scores: [Float] = []
        for piece in pieces {
            guard let pair = piece.array, pair.count == 2, let token = pair[0].string, let score = pair[1].double else {
                throw TokenizerError.missingField("model.vocab")
            }
            tokens.append(token)
            scores.append(Float(score))
        }
        for added in root["added_tokens"]?.array ?? [] {
            guard let id = added["id"]?.integer, let token = added["content"]?.string, id <= tokens.count else {
                throw TokenizerError.missingField("added_tokens")
            }
            if id == tokens.count {
                tokens.append(token)
                scores.append(0)
            }
        }
        let unknownID = model["unk_id"]?.integer.flatMap { tokens.indices.contains($0) ? $0 : nil }
        writer.set("tokenizer.ggml.model", .string("t5"))
        writer.set("tokenizer.ggml.pre", .string("default"))
        put(tokens: tokens, kinds: kinds(tokens, unknown: unknownID.map { tokens[$0] }), to: &writer)
        // Unless tokenizer_config.json names it, too.
        if let unknownID { writer.set("tokenizer.ggml.unknown_token_id", .uint32(UInt32(clamping: unknownID))) }
        writer.set("tokenizer.ggml.scores", .float32s(padded(scores, with: -10_000)))
        writer.set("tokenizer.ggml.add_space_prefix", .bool(true))
        writer.set("tokenizer.ggml.remove_extra_whitespaces", .bool(true))
        let steps = root["normalizer"]?["normalizers"]?.array ?? [root["normalizer"]].compactMap { $0 }
        if let text = steps.compactMap({ $0["precompiled_charsmap"]?.string }).first, let map = Data(base64Encoded: text) {
            writer.set("tokenizer.ggml.precompiled_charsmap", .bytes(Array(map)))
        }
    }

    /// GGUF marks what begins a word, where the published file marks what continues one.
    private func addWordPiece(_ model: JSONValue, to writer: inout GGUFWriter) throws {
        let tokens = try spellings(model)
        let types = kinds(tokens, unknown: nil)
        let marked = zip(tokens, types).map { token, kind in
            if kind == Kind.control.rawValue { return token }
            return token.hasPrefix("##") ? String(token.dropFirst(2)) : "\u{2581}" + token
        }
        writer.set("tokenizer.ggml.model", .string("bert"))
        writer.set("tokenizer.ggml.pre", .string("default"))
        put(tokens: marked, kinds: types, to: &writer)
        let normalizer = root["normalizer"]
        if let lowercase = normalizer?["lowercase"]?.bool {
            writer.set("tokenizer.ggml.normalizer.lowercase", .bool(lowercase))
        }
        if let strip = normalizer?["strip_accents"]?.bool {
            writer.set("tokenizer.ggml.normalizer.strip_accents", .bool(strip))
        }
    }

    // MARK: Parts

    private func spellings(_ model: JSONValue) throws -> [String] {
        try TokenizerFile.vocabulary(model: model, addedTokens: root["added_tokens"])
    }

    private func kinds(_ tokens: [String], unknown: String?) -> [Int32] {
        var kinds = tokens.map { token in
            token.utf8.count == 6 && token.hasPrefix("<0x") && token.hasSuffix(">") ? Kind.byte.rawValue : Kind.normal.rawValue
        }
        for added in root["added_tokens"]?.array ?? [] {
            guard let id = added["id"]?.integer, kinds.indices.contains(id) else { continue }
            kinds[id] = added["special"]?.bool == true ? Kind.control.rawValue : Kind.userDefined.rawValue
        }
        if let unknown, let id = tokens.firstIndex(of: unknown) { kinds[id] = Kind.unknown.rawValue }
        return kinds
    }

    private func put(tokens: [String], kinds: [Int32], to writer: inout GGUFWriter) {
        let missing = tokens.count..<max(tokens.count, vocabularyCount)
        writer.set("tokenizer.ggml.tokens", .strings(tokens + missing.map { "[PAD\($0)]" }))
        writer.set("tokenizer.ggml.token_type", .int32s(padded(kinds, with: Kind.unused.rawValue)))
    }

    private func padded<Value>(_ values: [Value], with value: Value) -> [Value] {
        values + [Value](repeating: value, count: max(0, vocabularyCount - values.count))
    }

    /// Ids of tokens with a role.
    private func addRoles(to writer: inout GGUFWriter) {
        let roles = [
            ("bos", "bos_token"), ("eos", "eos_token"), ("unknown", "unk_token"), ("padding", "pad_token"),
            ("seperator", "sep_token"), ("cls", "cls_token"), ("mask", "mask_token"),
        ]
        for (role, key) in roles {
            let value = options?[key]
            guard let name = value?.string ?? value?["content"]?.string, let id = id(of: name) else { continue }
            writer.set("tokenizer.ggml.\(role)_token_id", .uint32(UInt32(clamping: id)))
        }
    }

    /// What goes around texts. Readers know one token by its role at each place.
    private func addFraming(to writer: inout GGUFWriter) {
        let isKnown = root["post_processor"] != nil
        // A vocabulary of SentencePiece without a word on it is Llama 2's, which begins each text.
        let isLlama = writer.metadata.contains { $0.key == "tokenizer.ggml.model" && $0.value == .string("llama") }
        let begins = options?["add_bos_token"]?.bool ?? (isKnown ? !framing.front.isEmpty : isLlama)
        writer.set("tokenizer.ggml.add_bos_token", .bool(begins))
        writer.set("tokenizer.ggml.add_eos_token", .bool(options?["add_eos_token"]?.bool ?? !framing.back.isEmpty))
        if framing.middle.count > framing.back.count, let separator = framing.middle.last {
            writer.set("tokenizer.ggml.add_sep_token", .bool(true))
            writer.set("tokenizer.ggml.seperator_token_id", .uint32(UInt32(clamping: separator)))
        } else if !framing.middle.isEmpty {
            writer.set("tokenizer.ggml.add_sep_token", .bool(false))
        }
        if let front = framing.front.first { writer.set("tokenizer.ggml.bos_token_id", .uint32(UInt32(clamping: front))) }
        guard let back = framing.back.first else { return }
        let key = "tokenizer.ggml.eos_token_id"
        // What ends a turn of a conversation may be another token than what ends a text.
        if let stated = writer.metadata.first(where: { $0.key == key })?.value, stated != .uint32(UInt32(clamping: back)) {
            writer.set("tokenizer.ggml.eot_token_id", stated)
        }
        writer.set(key, .uint32(UInt32(clamping: back)))
    }

    private func id(of token: String) -> Int? {
        if let added = root["added_tokens"]?.array?.first(where: { $0["content"]?.string == token }) {
            return added["id"]?.integer
        }
        if let id = root["model"]?["vocab"]?[token]?.integer { return id }
        return root["model"]?["vocab"]?.array?.firstIndex { $0.array?.first?.string == token }
    }

    private func addTemplate(to writer: inout GGUFWriter) {
        guard let template = options?["chat_template"]?.string ?? template else { return }
        writer.set("tokenizer.chat_template", .string(template))
    }
}
