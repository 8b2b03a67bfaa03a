import Testing

import Tokenizers
import TransformerCore

@Suite struct JSONSchemaTests {
    static let schemas = [
        ##"{"type":"object","properties":{"name":{"type":"string","maxLength":12},"age":{"type":"integer","minimum":0,"maximum":130},"tags":{"type":"array","items":{"enum":["a","b\"c",null,1.5]},"minItems":1,"maxItems":3},"ok":{"type":"boolean"}},"required":["age","tags"],"additionalProperties":false}"##,
        ##"{"$defs":{"node":{"type":"object","properties":{"v":{"type":"integer"},"kids":{"type":"array","items":{"$ref":"#/$defs/node"},"maxItems":2}},"required":["v"]}},"$ref":"#/$defs/node"}"##,
        ##"{"anyOf":[{"type":"string","pattern":"^[A-Z][a-z]{1,3}(-\\d+)?$"},{"type":["number","null"]},{"const":{"a":[1,{"b":null}]}}]}"##,
        ##"{"oneOf":[{"type":"object","properties":{"kind":{"const":"circle"},"r":{"type":"number","exclusiveMinimum":0,"maximum":20}},"required":["kind","r"]},{"type":"object","properties":{"kind":{"const":"box"},"w":{"type":"number","minimum":-3,"exclusiveMaximum":7},"h":{"type":"integer","exclusiveMinimum":-120,"maximum":-8}},"required":["kind","w","h"]}]}"##,
        ##"{"type":"array","prefixItems":[{"type":"integer","minimum":95,"maximum":1203},{"type":"string","minLength":2,"maxLength":4}],"items":{"type":"boolean"},"minItems":1,"maxItems":4}"##,
        ##"{"type":"object","properties":{"a":{"type":"null"},"ab":{"type":"null"}},"required":["x"],"additionalProperties":{"type":"integer"}}"##,
        ##"{"allOf":[{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]},{"properties":{"b":{"type":"string","format":"date"}}}],"required":["b"]}"##,
        ##"{"type":"string","pattern":"q.\\\\[\\s\"]"}"##,
        ##"{"type":"array","items":{"type":"string","format":"date-time"},"maxItems":1}"##,
        ##"{"type":"array","maxItems":3}"##,
        ##"{"type":"number","minimum":3,"maximum":3}"##,
        ##"{"type":"array","prefixItems":[{"type":"null"},{"type":"null"}],"items":false}"##,
    ]
    static let pieces = [
        "\": ", "{\"", "\"}", "\", \"", "[", "[\"", "]}", "true", "false", "null", "kind", "circle", "\"box\"", "age", "tags", "name", "10", "12",
        "0.", "-1", "\\u", "\\n", "\\\"", "\\\\", " ", "\n", "\"a\"", "\"kids\"", "202", "-0", ": 1", "é", "\u{2028}",
    ]

    static func tokenizer() -> PieceTokenizer {
        let bytes = (0x20..<0x7F as Range<UInt8>).map { [$0] } + Set("\n\té😀\u{2028}".utf8).filter { $0 >= 0x7F || $0 < 0x20 }.sorted().map { [$0] }
        return PieceTokenizer(bytes + pieces.filter { $0.utf8.count > 1 }.map { Array($0.utf8) })
    }

    /// Every text that random choices make is JSON that the schema allows.
    @Test(arguments: schemas.indices) func allTextsValidate(index: Int) throws {
        let grammar = try Grammar(jsonSchema: Self.schemas[index])
        let schema = try NaiveSchema(Self.schemas[index])
        let tokenizer = Self.tokenizer()
        let vocabulary = TokenVocabulary(tokenizer)
        var random = TestRandom(seed: UInt64(index))
        var texts: Set<String> = []
        for _ in 0..<150 {
            var constraint = GrammarConstraint(grammar, vocabulary: vocabulary)
            var text: [UInt8] = []
            var remaining = Int.random(in: 40...160, using: &random)
            while remaining > 0 {
                let allowed = try constraint.allowedTokens(remaining: remaining)
                let ids = (0..<Int32(tokenizer.vocabularyCount)).filter(allowed.contains)
                try #require(!ids.isEmpty, "nothing may follow \(String(decoding: text, as: UTF8.self))")
                // Marks that end strings and lists are rare among all that is allowed.
                let marks = ids.filter { !Set(tokenizer.bytes(of: $0)).isDisjoint(with: Array("\"]}\\".utf8)) }
                let choice = Int.random(in: 0..<3, using: &random) == 0 && !marks.isEmpty ? marks : ids
                guard let id = choice.randomElement(using: &random), id != tokenizer.endID else { break }
                try constraint.accept(id)
                text += tokenizer.bytes(of: id)
                remaining -= 1
            }
            let written = String(decoding: text, as: UTF8.self)
            texts.insert(written)
            #expect(try schema.allows(AnyJSON(written)), "\(written)")
        }
        #expect(texts.count > (index >= 10 ? 2 : 20), "\(texts.count) different texts")
    }

    /// Values that people would expect to be allowed, and some that must not be.
    @Test func readsWhatSchemasMean() throws {
        func matches(_ schema: String, _ text: String) throws -> Bool { try Grammar(jsonSchema: schema).matches(text) }
        let person = Self.schemas[0]
        #expect(try matches(person, ##"{"name": "Ada", "age": 36, "tags": ["a", "b\"c", null], "ok": true}"##))
        #expect(try matches(person, "{\n  \"age\": 130,\n  \"tags\": [1.5]\n}"))
        #expect(try !matches(person, ##"{"age": 131, "tags": ["a"]}"##))
        #expect(try !matches(person, ##"{"age": 1, "tags": []}"##))
        #expect(try !matches(person, ##"{"tags": ["a"]}"##))
        #expect(try !matches(person, ##"{"age": 1, "tags": ["a"], "more": 1}"##))
        #expect(try matches(Self.schemas[1], ##"{"v": -12, "kids": [{"v": 0}, {"v": 3, "kids": []}]}"##))
        #expect(try matches(Self.schemas[2], "\"Abc-12\"") && matches(Self.schemas[2], "-1.5e3"))
        #expect(try !matches(Self.schemas[2], "\"abc\"") && !matches(Self.schemas[2], "01"))
        for (text, fits) in [("95", true), ("94", false), ("1203", true), ("1204", false), ("999", true), ("1000", true), ("0", false)] {
            #expect(try matches(Self.schemas[4], "[\(text)]") == fits, "\(text)")
        }
        #expect(try matches(Self.schemas[5], ##"{"a": null, "x": 1, "b": 2, "abc": 3}"##))
        #expect(try !matches(Self.schemas[5], ##"{"x": 1, "a": 2}"##))
        #expect(try matches("true", ##"{"a": [1, {"b": "c\u0041"}], "d": null}"##))
        #expect(try matches("{}", "-0.5E-7"))
        #expect(try matches(##"{"type":"string","maxLength":2}"##, "\"\\u00e9😀\""))
        #expect(try !matches(##"{"type":"string","maxLength":2}"##, "\"abc\""))
        for number in -30...30 {
            let schema = ##"{"type":"integer","exclusiveMinimum":-12,"maximum":21}"##
            #expect(try matches(schema, "\(number)") == (number > -12 && number <= 21), "\(number)")
        }
    }

    @Test func namesWhatItDoesNotKnow() {
        func error(_ schema: String) -> JSONSchemaError? {
            do { _ = try Grammar(jsonSchema: schema) } catch { return error }
            return nil
        }
        for keyword in ["uniqueItems", "not", "if", "patternProperties", "contains", "minProperties", "dependentRequired", "x-mine"] {
            #expect(error("{\"type\":\"object\",\"\(keyword)\":1}") == .unsupported(keyword: keyword, at: "#", detail: ""))
        }
        for (schema, keyword, place) in [
            (##"{"properties":{"a":{"type":"number","multipleOf":2}}}"##, "multipleOf", "#/properties/a"),
            (##"{"type":"number","minimum":0.5}"##, "minimum", "#"),
            (##"{"type":"string","pattern":"(?=a)"}"##, "pattern", "#"), (##"{"pattern":"a\\b"}"##, "pattern", "#"),
            (##"{"pattern":"(a$|b)"}"##, "pattern", "#"), (##"{"format":"hostname"}"##, "format", "#"),
            (##"{"pattern":"a","minLength":2}"##, "minLength", "#"), (##"{"items":[{}]}"##, "items", "#"),
            (##"{"enum":[1,2],"minimum":2}"##, "minimum", "#"),
        ] {
            guard case .unsupported(keyword, place, _) = error(schema) else {
                Issue.record("\(schema): \(String(describing: error(schema)))")
                continue
            }
        }
        #expect(error(##"{"oneOf":[{"type":"integer"},{"type":"number"}]}"##) == .overlapping(at: "#", first: 0, second: 1))
        #expect(error(##"{"oneOf":[{"enum":[1]},{"enum":[1.0]}]}"##) == .overlapping(at: "#", first: 0, second: 1))
        #expect(error(##"{"$ref":"#/$defs/x"}"##) == .missingReference("#/$defs/x", at: "#"))
        #expect(error(##"{"$ref":"other.json"}"##) == .missingReference("other.json", at: "#"))
        #expect(error(##"{"type":"array","items":false,"minItems":1}"##) == .allowsNothing(at: "#"))
        #expect(error(##"{"type":"integer","minimum":3,"maximum":2}"##) == .allowsNothing(at: "#"))
        #expect(error(##"{"type":"text"}"##) != nil && error("false") == .allowsNothing(at: "#"))
        #expect(error(##"{"$ref":"#"}"##) == .grammar(.neverEnds(rule: "#")))
        #expect(error(##"{"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]}"##) != nil)
        #expect(error(##"{"allOf":[{"$ref":"#"}]}"##) == .unsupported(keyword: "$ref", at: "#", detail: "in a circle"))
        #expect(error(##"{"a":1,"a":2}"##) == .notJSON(offset: 10, problem: "the key \"a\" stands twice"))
        #expect(error(String(repeating: "[", count: 5000)) != nil)
        #expect(error(##"{"type":"string","maxLength":1000000}"##) == .grammar(.tooManyStates(limit: 200_000)))
    }

    /// JSON of a real model, as long as it likes and cut short.
    @Test(.enabled(if: TestModels.hasSmolLM2)) func jsonOfARealModel() async throws {
        let file = try GGUFFile(path: TestModels.smolLM2)
        let tokenizer = try file.promptTokenizer()
        let generator = TextGenerator(model: try ModelArchitecture.loadDecoder(file), tokenizer: tokenizer, reuseBudget: 64 << 20)
        let prompt = tokenizer.encodePrompt([
            .template("<|im_start|>user\n"), .text("Ada Lovelace was born in 1815 and wrote programs. Describe her in JSON."),
            .template("<|im_end|>\n<|im_start|>assistant\n"),
        ])
        for index in [0, 3, 6, 9] {
            let grammar = try Grammar(jsonSchema: Self.schemas[index])
            for (temperature, tokens) in [(0.0, 80), (1.0, 30)] {
                var sampling = SamplingParameters()
                sampling.temperature = temperature
                var text = ""
                for try await event in generator.generate(
                    prompt, GenerationParameters(maximumTokens: tokens, sampling: sampling, constraints: [.grammar(grammar)]))
                { if case .text(let piece) = event { text += piece } }
                #expect(try NaiveSchema(Self.schemas[index]).allows(AnyJSON(text)), "\(text)")
            }
        }
    }

    /// The vocabulary of a real tokenizer, walked and tried.
    @Test(.enabled(if: TestModels.hasSmolLM2)) func walkingFindsWhatTryingAllFinds() throws {
        let vocabulary = TokenVocabulary(try GGUFFile(path: TestModels.smolLM2).promptTokenizer())
        var random = TestRandom(seed: 6)
        for schema in Self.schemas.prefix(7) {
            let grammar = try Grammar(jsonSchema: schema)
            for _ in 0..<2 {
                var constraint = GrammarConstraint(grammar, vocabulary: vocabulary)
                for _ in 0..<12 {
                    let allowed = try constraint.allowedTokens()
                    #expect(allowed == (try constraint.allTokensTried()))
                    guard let id = vocabulary.sorted.filter(allowed.contains).randomElement(using: &random) else { break }
                    try constraint.accept(id)
                }
            }
        }
    }
}
