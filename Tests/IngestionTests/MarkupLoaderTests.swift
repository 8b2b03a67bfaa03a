import Testing

import Ingestion

@Suite struct MarkupLoaderTests {
    private func kinds(_ name: String, _ text: String, isSource: Bool = true) throws -> [String] {
        try DocumentFixture.load(name, text, isSource: isSource).outline.map { $0.replacing(/[ ][0-9-]+:/, with: ":", maxReplacements: 1) }
    }

    @Test func reStructuredText() throws {
        let text = """
            =====
            Title
            =====
            :Author: Ada

            A paragraph that
            runs on::

              code here

            Part
            ----
            - one
            - two
              more

            .. code-block:: python

               x = 1

            .. a comment

            .. note:: Mind this.

            ===== =====
            a     b
            ===== =====
            1     2
            ===== =====
            """
        #expect(try kinds("a.rst", text) == [
            "h1[Title]: =====⏎Title⏎=====", "p: :Author: Ada", "p: A paragraph that⏎runs on::", "code(-,-):   code here", "h2[Part]: Part⏎----", "li: - one", "li: - two⏎  more",
            "code(python,-):    x = 1", "p: .. note:: Mind this.", "th: a     b", "tr: 1     2",
        ])
    }

    @Test func asciiDoc() throws {
        let text = """
            = Title
            :version: 3

            Text of it
            on two lines.

            == Part
            * one
            ** deeper

            [source,ruby]
            ----
            puts 1

            puts 2
            ----

            |===
            |a |b

            |1 |2
            |3 |4
            |===
            // gone
            """
        let document = try DocumentFixture.load("a.adoc", text)
        #expect(document.metadata == ["version": "3"] && document.title == "Title")
        #expect(try kinds("a.adoc", text) == [
            "h1[Title]: = Title", "p: Text of it⏎on two lines.", "h2[Part]: == Part", "li: * one", "li: ** deeper", "code(ruby,-): puts 1⏎⏎puts 2", "th: |a |b", "tr: |1 |2", "tr: |3 |4",
        ])
    }

    @Test func org() throws {
        let text = """
            #+TITLE: The plan
            * TODO [#A] First :tag:
            :PROPERTIES:
            :ID: 1
            :END:
            Text.
            - item
              more
            ** Second
            #+BEGIN_SRC swift
            let a = 1
            #+END_SRC
            | a | b |
            |---+---|
            | 1 | 2 |
            """
        #expect(try DocumentFixture.load("a.org", text).title == "The plan")
        #expect(try kinds("a.org", text) == [
            "h1[First]: * TODO [#A] First :tag:", "p: Text.", "li: - item⏎  more", "h2[Second]: ** Second", "code(swift,-): let a = 1", "th: | a | b |", "tr: | 1 | 2 |",
        ])
    }

    /// States are those that the file names, if it names any.
    @Test func orgStates() throws {
        let text = "#+SEQ_TODO: DRAFT(d) REVIEW | PUBLISHED(p!)\n* DRAFT One\n* TODO Two\n* PUBLISHED Three\n"
        #expect(try kinds("a.org", text) == ["h1[One]: * DRAFT One", "h1[TODO Two]: * TODO Two", "h1[Three]: * PUBLISHED Three"])
    }

    @Test func latex() throws {
        let text = """
            \\documentclass{article}
            \\title{On \\\\ Tides}
            \\begin{document}
            \\maketitle
            \\section{First one}
            Text here % kept
            goes on.

            % gone
            \\begin{itemize}
            \\item one
            \\item two
            \\end{itemize}
            \\begin{tabular}{ll}
            \\hline
            a & b \\\\
            1 & 2 \\\\
            \\end{tabular}
            \\begin{verbatim}
            raw
            \\end{verbatim}
            \\end{document}
            after
            """
        #expect(try DocumentFixture.load("a.tex", text).title?.hasPrefix("On") == true)
        #expect(try kinds("a.tex", text) == [
            "h2[First one]: \\section{First one}", "p: Text here % kept⏎goes on.", "li: \\item one", "li: \\item two", "th: a & b \\\\", "tr: 1 & 2 \\\\", "code(-,-): raw",
        ])
    }

    @Test func manPage() throws {
        let text = """
            .\\" comment
            .TH LAMP 1 "2024" "v1"
            .SH NAME
            lamp \\- light the \\fIlamp\\fR
            .SH OPTIONS
            .TP
            .BR \\-v ", " \\-\\-verbose
            Say more.
            .nf
            lamp \\-v
            .fi
            """
        let document = try DocumentFixture.load("lamp.1", text, isSource: false)
        #expect(document.title == "LAMP(1)")
        #expect(try kinds("lamp.1", text, isSource: false) == ["h1[NAME]: NAME", "p: lamp - light the lamp", "h1[OPTIONS]: OPTIONS", "li: - -v, --verbose: Say more.", "code(-,-): lamp -v"])
    }

    @Test func records() throws {
        #expect(try kinds("a.yaml", "# head\na: 1\nb:\n  - x\n  - y\n---\nc: 2\n") == ["record: # head⏎a: 1", "record: b:⏎  - x⏎  - y", "record: c: 2"])
        #expect(try kinds("a.toml", "x = 1\n# about\n[table]\ny = 2\n\n[[more]]\nz = 3\n") == ["record: x = 1", "record: # about⏎[table]⏎y = 2", "record: [[more]]⏎z = 3"])
        #expect(try kinds("a.log", "2024-01-01 one\n  at f\n2024-01-02 two\n") == ["record: 2024-01-01 one⏎  at f", "record: 2024-01-02 two"])
        #expect(try kinds("a.xml", "<list><s id='1'><n>a</n></s><s id='2'><n>b</n></s></list>", isSource: false) == ["record: s:⏎  id: 1⏎  n: a", "record: s:⏎  id: 2⏎  n: b"])
        #expect(try kinds("a.nxml", "<article><body><sec><title>One</title><p>Text <i>of</i> it.</p></sec></body></article>", isSource: false) == ["h2[One]: One", "p: Text of it."])
    }

    @Test func notebook() throws {
        #expect(try DocumentFixture.load("analysis.ipynb").parts == [
            "@cell 1 h1[Tides]: # Tides", "@cell 1 p: Read the data.", "@cell 2 code(python,-): print(6 * 7)", "@cell 2 code(-,-): 42", "@cell 3 code(python,-): table",
            "@cell 3 th: a | b", "@cell 3 tr: 1 | 2",
        ])
    }
}
