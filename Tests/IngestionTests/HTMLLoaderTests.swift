import Testing

import Ingestion

@Suite struct HTMLLoaderTests {
    private func load(_ text: String) -> LoadedDocument { load(bytes: Array(text.utf8)) }

    private func load(bytes: [UInt8]) -> LoadedDocument {
        switch LoaderRegistry.standard.load(FileContents(path: "a.html", bytes: bytes)) {
        case .loaded(let document, let format):
            #expect(format == "HTML")
            document.checkInvariants(isSource: false)
            return document
        case .empty: return LoadedDocument(text: "", blocks: [])
        default:
            Issue.record("not loaded")
            return LoadedDocument(text: "", blocks: [])
        }
    }

    @Test func structure() {
        let document = load("""
            <!DOCTYPE html><html lang="de"><head><title>The
              title</title><meta name="Description" content="About it"><style>p{}</style></head>
            <body><h1>Head <em>line</em></h1>
            <p>One &amp; two&nbsp;  three<br>next <b>bo</b>ld soft&shy;hyphen</p>
            <ul><li>first<li>second <p>more</p><ol><li>inner</ol></ul>
            <pre><code class="language-swift">
            let a  = 1 &lt; 2

              b
            </code></pre>text</body></html>
            """)
        #expect(document.title == "The title")
        #expect(document.metadata == ["language": "de", "description": "About it"])
        #expect(document.outline == [
            "h1[Head line] 3: Head line", "p 4: One & two three⏎next bold softhyphen", "li 5: - first", "li 5: - second", "li 5: more", "li 5: 1. inner",
            "code(swift,-) 7-9: let a  = 1 < 2⏎⏎  b", "p 10: text",
        ])
        #expect(document.text.hasPrefix("Head line\n\nOne & two three\nnext bold softhyphen\n\n- first\n- second\nmore"))
    }

    @Test func tables() {
        #expect(load("<table><thead><tr><th>a<td>b</thead><tr><td><p>1</p><td> 2 <td>3</td></tr><tr><td><td>x</table>").outline == [
            "th 1: a | b", "tr 1: 1 | 2 | 3", "tr 1: | x",
        ])
        #expect(load("<table><tr><td><h2>Layout</h2><p>one<p>two</td><td>three</td></tr></table>").outline == ["h2[Layout] 1: Layout", "p 1: one", "p 1: two", "p 1: three"])
    }

    /// Painted so that nobody sees it; and what only looks like it: white on a dark ground, large letters in a box of no size,
    /// white where a style sheet may have made the page dark.
    @Test(arguments: [
        ("<p style='color: #FFFFFF'>unseen</p>", true), ("<p style='color:white;background:#fefefe'>unseen</p>", true),
        ("<font color=white>unseen</font>", true), ("<p style='font-size:0'>unseen</p>", true), ("<p style='font-size: 0.5px'>unseen</p>", true),
        ("<span style='opacity:0'><b>unseen</b></span>", true), ("<td bgcolor='#000'><font color='#000000'>unseen</font></td>", true),
        ("<div style='background:#fff'><p style='color:rgb(255, 255, 255)'>unseen</p></div>", true),
        ("<div style='background-color:#003'><p style='color:#fff'>seen</p></div>", false),
        ("<div style='background:url(a.png)'><p style='color:#fff'>seen</p></div>", false),
        ("<ul style='font-size:0'><li style='font-size:14px'>seen</li></ul>", false),
        ("<style>body { background: black }</style><p style='color:#fff'>seen</p>", false), ("<p style='color:#ccc'>seen</p>", false),
    ])
    func concealedText(_ html: String, isHidden: Bool) throws {
        let document = load("<html><body><p>Plain text.</p>\(html)</body></html>")
        let words = isHidden ? "unseen" : "seen"
        let block = try #require(document.blocks.first { document.text($0.range).contains(words) }, "\(document.text)")
        #expect(block.isHidden == isHidden)
        #expect(document.withoutHiddenText().text.contains("unseen") == false)
        #expect(document.text(try #require(document.blocks.first).range) == "Plain text.")
    }

    @Test func hiddenAndFrameAreLeftOut() {
        let body = String(repeating: "Real words here. ", count: 30)
        let document = load("""
            <nav>menu</nav><header>top</header><div class="x sidebar">side</div><script>var a = "<p>no</p>"</script><p hidden>h</p>
            <p style="display: none">n</p><main><header>kept</header><p>\(body)</p></main><footer>foot</footer>
            """)
        #expect(document.blocks.map { document.text($0.range) } == ["kept", body.trimmed()])
        #expect(load("<nav><a>Only a menu of links in this page</a></nav>").text == "Only a menu of links in this page")
    }

    @Test func encodings() {
        #expect(load(bytes: Array("<meta charset=gb2312><p>".utf8) + [0xD6, 0xAA, 0xCA, 0xB6, 0xBF, 0xE2, 0xB1, 0xA3]).text == "知识库保")
        #expect(load(bytes: Array("<meta charset=iso-8859-1><p>caf".utf8) + [0xE9]).text == "café")
        #expect(load("<meta charset=iso-8859-1><p>café 知识").text == "café 知识")
    }

    @Test func blankPagesAreEmpty() {
        #expect(load("<html><body><p>&nbsp;</p><script>x</script></body></html>").isEmpty)
        #expect(load("   ").isEmpty)
    }

    @Test func hostileInput() {
        let deep = load("<p>before</p>" + String(repeating: "<div>", count: 100_000) + "deep")
        #expect(deep.text == "before" && deep.notices.count == 1)
        for atom in ["<", "</b>", "<b>", "<table><tr><td>", "&", "&#x110000;", "<!--", "<p ", "<a href='", "<ul><li>", "<pre>", "<![CDATA["] {
            _ = load("<p>x</p>" + String(repeating: atom, count: 50_000))
        }
        var random = SeededGenerator(seed: 5)
        let atoms = ["<p>", "</p>", "<td>", "<tr>", "<table>", "</table>", "<li>", "<ul>", "</ul>", "<h1>", "</h1>", "<pre>", "</pre>", "x", " ", "\n", "&amp;", "<br>", "é", "<nav>", "</nav>", "<th>", "<thead>", "<div hidden>", "</div>", "<main>"]
        for _ in 0..<3000 {
            _ = load((0..<Int.random(in: 1...20, using: &random)).map { _ in atoms.randomElement(using: &random) ?? "" }.joined())
        }
    }
}
