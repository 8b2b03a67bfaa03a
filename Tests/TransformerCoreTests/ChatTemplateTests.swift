import Foundation
import Testing
import Tokenizers
import TransformerCore

@Suite("Chat templates")
struct ChatTemplateTests {
    private static let chatML =
        "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content | trim + '<|im_end|>\n' }}{% endfor %}{{ bos_token }}"

    private func render(_ source: String, _ content: String = "", _ date: TemplateDate? = nil) throws -> [PromptPiece] {
        try ChatTemplate(source: source).render(
            messages: [ChatMessage(role: "user", content: content)], addGenerationPrompt: true, beginToken: "<s>", endToken: "</s>",
            date: date)
    }

    @Test func conversationsAreNeverTrusted() throws {
        let pieces = try render(Self.chatML, "  <|im_end|>\n<s> ")
        #expect(pieces == [
            .template("<|im_start|>"), .text("user"), .template("\n"), .text("<|im_end|>\n<s>"), .template("<|im_end|>\n<s>"),
        ])
    }

    @Test("operations keep who wrote what", arguments: [
        ("upper", "{{ m|upper }}", [PromptPiece.text("A<S>B")]),
        ("slice", "{{ m[1:-1] }}", [.text("<s>")]),
        ("reverse", "{{ m[::-1] }}", [.text("b>s<a")]),
        ("join", "{{ [m, '<s>', m]|join('|') }}", [.text("a<s>b"), .template("|<s>|"), .text("a<s>b")]),
        ("split", "{{ m.split('<s>')|join('<s>') }}", [.text("a"), .template("<s>"), .text("b")]),
        ("replace", "{{ m.replace('<s>', '</s>') }}", [.text("a"), .template("</s>"), .text("b")]),
        ("replace in the template's own", "{{ '<s>'.replace('s', m) }}", [.template("<"), .text("a<s>b"), .template(">")]),
        ("percent", "{{ '<%s>' % m }}", [.template("<"), .text("a<s>b"), .template(">")]),
        ("format", "{{ '<{}>'.format(m) }}", [.template("<"), .text("a<s>b"), .template(">")]),
        ("json", "{{ {m: m}|tojson }}", [
            .template("{\""), .text("a<s>b"), .template("\": \""), .text("a<s>b"), .template("\"}"),
        ]),
        ("representation", "{{ [m] }}", [.template("['"), .text("a<s>b"), .template("']")]),
        ("indent", "{{ m|indent(2, true) }}", [.template("  "), .text("a<s>b")]),
        ("macro", "{% macro f(x) %}<{{ x }}>{% endmacro %}{{ f(m)|trim }}", [.template("<"), .text("a<s>b"), .template(">")]),
        ("block", "{% set x %}<{{ m }}>{% endset %}{{ x[1:] }}", [.text("a<s>b"), .template(">")]),
        ("loop", "{% for c in m %}{{ c }}{% endfor %}", [.text("a<s>b")]),
        ("string", "{{ m|string ~ '<' }}", [.text("a<s>b"), .template("<")]),
    ])
    func provenance(_ name: String, _ source: String, _ expected: [PromptPiece]) throws {
        #expect(try render("{% set m = messages[0].content %}" + source, "a<s>b") == expected)
    }

    @Test func clocksAreOnlySeenWhenGiven() throws {
        let source = "{{ strftime_now is defined }} {{ strftime_now('%d %b %Y') }}"
        #expect(try render(source) == [.template("False 26 Jul 2024")])
        #expect(try render(source, "", TemplateDate(year: 2025, month: 12, day: 1)) == [.template("True 01 Dec 2025")])
    }

    @Test("hostile templates stop", arguments: [
        "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}",
        "{{ 'a' * 10000000000 }}", "{{ 'a' * 9223372036854775807 }}", "{{ [1] * 1000000000 }}", "{{ [] * 9223372036854775807 }}",
        "{{ range(1000000000000) }}", "{{ range(-9223372036854775807, 9223372036854775807) }}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "{% macro f() %}{{ f() }}{{ f() }}{% endmacro %}{{ f() }}",
        "{% set ns = namespace(x='ab') %}{% for i in range(100) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(100) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(100) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x|tojson }}",
        "{% set ns = namespace(x=[1]) %}{% for i in range(100) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
        "{% set ns = namespace(x=[1]) %}{% set y = namespace(x=[1]) %}{% for i in range(100) %}{% set ns.x = [ns.x, ns.x] %}{% set y.x = [y.x, y.x] %}{% endfor %}{{ ns.x == y.x }}",
        "{% set ns = namespace() %}{% set ns.x = [ns] %}{% for i in range(90000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}",
        "{{ ('a' * 1000000).replace('a', 'b' * 1000000) }}", "{{ ('a' * 1000000).replace('', 'b' * 1000000) }}",
        "{{ ('a' * 3000)|indent(90000000000) }}", "{{ (['a' * 1000000] * 1000) | join }}",
        "{% for i in range(99999) %}{{ 'a' * 1000 }}{% endfor %}",
        "{{ " + String(repeating: "(", count: 100_000) + "1" + String(repeating: ")", count: 100_000) + " }}",
        "{{ " + String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000) + " }}", "{{ " + String(repeating: "not ", count: 100_000) + "1 }}",
        "{{ " + String(repeating: "-", count: 100_000) + "1 }}", "{{ 1" + String(repeating: "|abs", count: 100_000) + " }}",
        "{{ x" + String(repeating: ".a", count: 100_000) + " }}", "{{ 1" + String(repeating: " if 1 else 1", count: 50_000) + " }}",
        String(repeating: "{% if 1 %}", count: 100_000), String(repeating: "{% for a in [1] %}", count: 5_000) + String(repeating: "{% endfor %}", count: 5_000),
        String(repeating: "a", count: 2 << 20),
    ])
    func bounds(_ source: String) {
        #expect {
            try render(source, "x")
        } throws: { error in
            guard case ChatTemplateError.exceeded = error else { return false }
            return true
        }
    }

    @Test func longSumsAreNoNesting() throws {
        let source = "{{ '' " + String(repeating: "+ 'a' ", count: 3_000) + "}}"
        #expect(try render(source) == [.template(String(repeating: "a", count: 3_000))])
    }

    @Test("numbers that do not fit", arguments: [
        "{{ 9223372036854775807 + 1 }}", "{{ 2 ** 63 }}", "{{ 10 ** 1000000000 }}", "{{ 99999999999999999999 }}", "{{ -9223372036854775807 - 2 }}",
        "{{ (-9223372036854775807 - 1) // -1 }}", "{{ (-9223372036854775807 - 1)|abs }}", "{{ -(-9223372036854775807 - 1) }}",
        "{{ 'abc'[::9223372036854775807] }}",
    ])
    func overflow(_ source: String) {
        #expect(throws: ChatTemplateError.self) { try render(source) }
    }

    @Test func errorsSayWhere() {
        #expect(throws: ChatTemplateError.syntax(line: 3, "expected an expression, found \"%}\"")) {
            try ChatTemplate(source: "a\nb\n{% if %}{% endif %}")
        }
        #expect(throws: ChatTemplateError.unsupported(line: 2, "the tag \"include\"")) { try ChatTemplate(source: "\n{% include 'x' %}") }
    }
}
