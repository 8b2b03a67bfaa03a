import Foundation
import Testing

import Tokenizers
import TransformerCore

/// Whole texts that models write under constraints.
@Suite(.serialized) struct ConstrainedGenerationTests {
    private static let sources = [
        "the key is 1,000 bits - don't cut it. rotate it, and the old key stays valid for a day.",
        "a \"b c\" d e, the keys are kept in the safe (behind the door).", "re-use: ab\n ab ba",
    ]
    private static let extra = ["[1", "] [", "[7]", "[2, ", "[ ", "\"", " \"", "“", "”", " “the", ".” ", "\" ", "–", "9"]

    private func text(
        _ generator: TextGenerator, _ prompt: [Int32], _ constraints: [OutputConstraint], seed: UInt64,
        maximumTokens: Int, temperature: Double
    ) async throws -> (text: String, reason: GeneratorStatistics.Reason) {
        var sampling = SamplingParameters()
        sampling.temperature = temperature
        sampling.seed = seed
        let parameters = GenerationParameters(maximumTokens: maximumTokens, sampling: sampling, constraints: constraints)
        var text = ""
        for try await event in generator.generate(prompt, parameters) {
            switch event {
            case .text(let piece): text += piece
            case .finished(let statistics): return (text, statistics.reason)
            }
        }
        throw GenerationError.emptyPrompt
    }

    /// All markers name a source, all quotes stand in one; only the last may be cut.
    private func check(_ text: String, markers: Int?, sources: [String]?) -> (markers: Int, quotes: Int) {
        var found = (markers: 0, quotes: 0)
        if let markers {
            for match in text.matches(of: #/\[ *([0-9][^\]]*)\]/#) {
                let numbers = match.output.1.split(separator: ",").map { Int($0.trimmingCharacters(in: .whitespaces)) }
                #expect(numbers.allSatisfy { $0.map { (1...markers).contains($0) } ?? false }, "\(match.output.0)")
                found.markers += 1
            }
        }
        guard let sources else { return found }
        for quote in Self.quotes(in: text).whole {
            #expect(sources.contains { $0.contains(quote) } && !quote.isEmpty, "\(quote)")
            found.quotes += 1
        }
        return found
    }

    /// Quotes from the front on, and whether the last one is left open.
    private static func quotes(in text: String) -> (whole: [String], isOpen: Bool) {
        var whole: [String] = []
        var rest = text.unicodeScalars[...]
        while let opening = rest.popFirst() {
            guard opening == "\"" || opening == "“" else { continue }
            guard let end = rest.firstIndex(of: opening == "“" ? "”" : "\"") else { return (whole, true) }
            whole.append(String(rest[..<end]))
            rest = rest[end...].dropFirst()
        }
        return (whole, false)
    }

    @Test func hundredsOfTextsOfARandomModel() async throws {
        let tokenizer = PieceTokenizer(cutFrom: Self.sources, extra: Self.extra, pieces: 120, seed: 3)
        let model = try TinyLlama(vocabulary: tokenizer.vocabularyCount).load()
        let generator = TextGenerator(model: model, tokenizer: tokenizer)
        let quotes = QuotingRules(sources: Self.sources, minimumWords: 2)
        var found = (markers: 0, quotes: 0)
        for seed in 0..<300 as Range<UInt64> {
            let (text, reason) = try await text(
                generator, tokenizer.encode("a key"), [.sourceMarkers(count: 3), .quotes(quotes)], seed: seed,
                maximumTokens: 50, temperature: 2 * Double(seed % 5) / 4)
            let counts = check(text, markers: 3, sources: Self.sources)
            found.markers += counts.markers
            found.quotes += counts.quotes
            // A text that ended is whole. (A marker in a source would be an exception; there is none.)
            if reason == .endOfText { #expect(!Self.quotes(in: text).isOpen) }
        }
        print("constrained texts of a random model: \(found.markers) markers, \(found.quotes) quotes")
        #expect(found.markers > 50 && found.quotes > 50)
    }

    @Test func wholeTextsOfQuotes() async throws {
        let tokenizer = PieceTokenizer(cutFrom: Self.sources, extra: Self.extra, pieces: 120, seed: 4)
        let model = try TinyLlama(vocabulary: tokenizer.vocabularyCount).load()
        let generator = TextGenerator(model: model, tokenizer: tokenizer)
        var ended = 0
        for seed in 0..<100 as Range<UInt64> {
            for mode in [QuotingRules.Mode.only, .bare] {
                let rules = QuotingRules(sources: Self.sources, minimumWords: 3, mode: mode)
                let (text, reason) = try await text(
                    generator, tokenizer.encode("a key"), [.quotes(rules)], seed: seed, maximumTokens: 50, temperature: 1)
                if mode == .bare { #expect(Self.sources.contains { $0.contains(text) || text.isEmpty }, "\(text)") }
                if mode == .only { #expect(check(text, markers: nil, sources: Self.sources).quotes > 0 || reason == .length) }
                if reason == .endOfText { ended += 1 }
            }
        }
        #expect(ended > 20)
    }

    @Test func endsWhereNothingIsLeft() async throws {
        let tokenizer = PieceTokenizer(cutFrom: ["abc"], extra: ["\""], pieces: 5, seed: 4)
        let model = try TinyLlama(vocabulary: tokenizer.vocabularyCount).load()
        let generator = TextGenerator(model: model, tokenizer: tokenizer)
        for mode in [QuotingRules.Mode.only, .bare] {
            let rules = QuotingRules(sources: [], mode: mode)
            let (text, reason) = try await text(
                generator, [1], [.quotes(rules)], seed: 1, maximumTokens: 10, temperature: 1)
            #expect(text.isEmpty && reason == .endOfText)
        }
    }

    private static var textCount: UInt64 {
        ProcessInfo.processInfo.environment["FOOTNOTE_FULL_TESTS"] == "1" ? 300 : 24
    }

    @Test(.enabled(if: TestModels.hasSmolLM2)) func textsOfARealModel() async throws {
        let file = try GGUFFile(path: TestModels.smolLM2)
        let tokenizer = try file.promptTokenizer()
        let generator = TextGenerator(
            model: try ModelArchitecture.loadDecoder(file), tokenizer: tokenizer, reuseBudget: 64 << 20)
        let numbered = Self.sources.enumerated().map { "[\($0.offset + 1)] \($0.element)" }.joined(separator: "\n")
        let prompt = tokenizer.encodePrompt([
            .template("<|im_start|>user\n"),
            .text("Sources:\n\(numbered)\n\nQuote the sources in quotation marks and cite each as [number]. What about the key?"),
            .template("<|im_end|>\n<|im_start|>assistant\nThe sources say \""),
        ])
        var found = (markers: 0, quotes: 0)
        for seed in 0..<Self.textCount {
            let mode: QuotingRules.Mode = [.anywhere, .only, .bare][Int(seed % 3)]
            let rules = QuotingRules(sources: Self.sources, minimumWords: 2, mode: mode)
            let (text, _) = try await text(
                generator, Array(prompt.dropLast(mode == .bare ? 0 : 1)), [.sourceMarkers(count: 3), .quotes(rules)],
                seed: seed, maximumTokens: 40, temperature: 0.5 + Double(seed % 4) / 2)
            let counts = check(text, markers: 3, sources: mode == .bare ? nil : Self.sources)
            if mode == .bare { #expect(Self.sources.contains { $0.contains(text) || text.isEmpty }, "\(text)") }
            found.markers += counts.markers
            found.quotes += counts.quotes
        }
        print("constrained texts of SmolLM2: \(found.markers) markers, \(found.quotes) quotes in \(Self.textCount) texts")
        #expect(found.quotes > Int(Self.textCount) / 4)
    }

    /// The vocabulary of a real tokenizer, walked and tried.
    @Test(.enabled(if: TestModels.hasSmolLM2)) func walkingFindsWhatTryingAllFinds() throws {
        let tokenizer = try GGUFFile(path: TestModels.smolLM2).promptTokenizer()
        let vocabulary = TokenVocabulary(tokenizer)
        let rules = QuotingRules(sources: Self.sources + ["“Curly” – and it’s “nested ‘so’”, café naïve."], minimumWords: 2)
        var random = TestRandom(seed: 6)
        for _ in 0..<30 {
            var walked = QuotingConstraint(rules, vocabulary: vocabulary)
            for step in 0..<12 {
                let allowed = walked.allowedTokens()
                #expect(allowed == walked.allTokensTried())
                let ids = vocabulary.sorted.filter(allowed.contains)
                let openers = step == 0 ? ids.filter { !tokenizer.bytes(of: $0).isDisjoint(with: [0x22, 0x9C]) } : ids
                guard let id = openers.randomElement(using: &random) else { break }
                walked.accept(id)
            }
        }
    }
}

extension [UInt8] {
    fileprivate func isDisjoint(with other: [UInt8]) -> Bool { !contains { other.contains($0) } }
}
