import Testing

import Ingestion

/// Every loader of text ends when its time is up, and says so.
@Suite struct TimeLimitTests {
    @Test(arguments: [
        ("a.txt", "line of text\n\n"), ("a.md", "- item *one* of [many](x)\n"), ("a.rst", "Title\n=====\n\ntext\n\n"), ("a.adoc", "== Title\n\ntext\n\n"),
        ("a.tex", "\\section{One}\ntext\n\n"), ("a.org", "* One\ntext\n"), ("a.swift", "func one() {\n}\n\n"), ("a.csv", "one,two\n"),
        ("a.yaml", "one: two\n"), ("a.toml", "[one]\na = 2\n\n"), ("a.log", "2024-01-01 10:00:00 one\n"), ("a.jsonl", "{\"one\": 2}\n"),
    ])
    func textLoaders(_ name: String, _ line: String) throws {
        let text = String(repeating: line, count: 4000)
        var limits = LoadLimits()
        limits.seconds = 0
        let late = LoaderRegistry.standard.load(FileContents(path: name, bytes: Array(text.utf8), budget: LoadBudget(limits)))
        guard case .failed(.outOfTime) = late else { Issue.record("\(name): \(late)"); return }
        let inTime = LoaderRegistry.standard.load(FileContents(path: name, bytes: Array(text.utf8)))
        guard case .loaded = inTime else { Issue.record("\(name): \(inTime)"); return }
    }

    @Test(arguments: ["a.html", "a.json", "a.xml"]) func trees(_ name: String) throws {
        let text = name == "a.json" ? "[" + String(repeating: "[1],", count: 4000) + "[1]]" : "<a>" + String(repeating: "<b>text</b>", count: 4000) + "</a>"
        var limits = LoadLimits()
        limits.seconds = 0
        let late = LoaderRegistry.standard.load(FileContents(path: name, bytes: Array(text.utf8), budget: LoadBudget(limits)))
        guard case .failed(.outOfTime) = late else { Issue.record("\(name): \(late)"); return }
    }

    /// The clock of a file begins when it is its turn, not when it was read.
    @Test func limitedAnew() {
        var limits = LoadLimits()
        limits.seconds = 0
        let old = FileContents(path: "a.txt", bytes: Array(String(repeating: "x\n\n", count: 4000).utf8), budget: LoadBudget(limits))
        guard case .loaded = LoaderRegistry.standard.load(old.limited(by: LoadLimits())) else { Issue.record("not loaded"); return }
    }
}
