import Testing

import Ingestion

@Suite struct SourceCodeLoaderTests {
    private func load(_ name: String, _ text: String) -> LoadedDocument {
        let document = SourceCodeLoader().load(SourceText(text), of: FileContents(path: name, bytes: Array(text.utf8)))
        document.checkInvariants()
        return document
    }

    /// The names and lines of the blocks.
    private func names(_ name: String, _ text: String) -> [String] {
        load(name, text).blocks.map { block in
            guard case .code(_, let name) = block.kind else { return "?" }
            return "\(name ?? "-") \(block.lines.lowerBound)-\(block.lines.upperBound)"
        }
    }

    private let filler = (1...60).map { "    // filler line number \($0) for a large type" }.joined(separator: "\n")

    @Test func swift() {
        let text = """
            import A
            import B

            /// Doc.
            @available(*, deprecated)
            public struct Stack<T>: Sendable {
                var items: [T] = []
                let brace = "}{"  // }

                /// Pushes.
                mutating func push(
                    _ item: T
                ) {
                    if true { items.append(item) }
                }

            \(filler)
                static let shared = 1
            }

            extension Stack.Inner { }
            private let x = 1
            func free() -> Int { 1 }
            """
        #expect(names("a.swift", text) == ["- 1-2", "Stack 4-6", "Stack 7-8", "Stack.push 10-15", "Stack 17-78", "Stack.Inner 80-80", "- 81-81", "free 82-82"])
        #expect(load("a.swift", text).metadata == ["language": "swift"])
    }

    @Test func python() {
        let text = """
            import os
            from a import (
                b,
            )

            # about
            @cache
            def first(a,
                      b):
                \"\"\"Doc
            def not_a_function(): pass
                \"\"\"

                return 1
            class Big(Base):
                x = 1

                async def method(self):
                    return 2

            \(filler.replacing("//", with: "#"))
                def other(self): pass
            if __name__ == "__main__":
                main()
            else:
                pass
            """
        #expect(names("a.py", text) == ["- 1-4", "first 6-14", "Big 15-15", "Big 16-16", "Big.method 18-19", "Big.other 21-81", "- 82-85"])
    }

    @Test func otherLanguages() {
        #expect(names("a.c", "#include <a.h>\n\nstatic int\nfoo(int a)\n{\n  return '{';\n}\nint bar(void) {\n}\n") == ["- 1-1", "foo 3-7", "bar 8-9"])
        #expect(names("a.go", "package m\n\nfunc (s *Stack) Push(x int) {\n}\n\ntype T struct {\n  a int\n}\n") == ["m 1-1", "Stack.Push 3-4", "T 6-8"])
        #expect(names("a.rs", "#[derive(Debug)]\nimpl<'a> Foo for Bar<'a> {\n  fn x(&'a self) {}\n}\n") == ["Bar 1-4"])
        #expect(names("a.js", "const f = async (a) => {\n  return `}`\n}\nexport default class A {\n}\nfunction g() {\n}\n") == ["f 1-3", "A 4-5", "g 6-7"])
        #expect(names("a.rb", "require 'x'\n\nmodule M\n  def self.go\n    1\n  end\nend\n") == ["- 1-1", "M 3-7"])
        #expect(names("a.lua", "local function a()\nend\n\nfunction M.b()\n  return 1\nend\n") == ["a 1-2", "M.b 4-6"])
        #expect(names("a.sh", "#!/bin/sh\nset -e\n\nmain() {\n  echo\n}\nif true; then\n  main\nfi\n") == ["- 1-2", "main 4-6", "- 7-9"])
        #expect(names("a.java", "public class A {\n  void b() { }\n}\n") == ["A 1-3"])
    }

    @Test func namesBecomeTheHeadingPath() {
        let text = "class Big {\n  func one() {\n    a()\n  }\n\n\(filler)\n  func two() {\n  }\n}\n"
        let document = load("a.swift", text)
        let chunks = StructuredChunker(options: ChunkingOptions(maximumTokens: 60), tokenCount: { ($0.utf8.count + 3) / 4 }).chunks(of: document)
        #expect(chunks.allSatisfy { $0.headingPath.first == "Big" } && chunks.last?.headingPath == ["Big", "two"])
    }

    @Test func hostileInput() {
        var random = SeededGenerator(seed: 9)
        let atoms = ["{", "}", "(", ")", "\"", "'", "`", "\"\"\"", "/*", "*/", "//", "#", "\n", "\n\n", "  ", "class A", "def f", "end", "x", "é", "@a", "func g()", "\\"]
        for name in ["a.swift", "a.py", "a.rb", "a.c", "a.js", "a.sh", "a.sql"] {
            for _ in 0..<500 {
                _ = load(name, (0..<Int.random(in: 1...25, using: &random)).map { _ in atoms.randomElement(using: &random) ?? "" }.joined())
            }
            for atom in ["{", "}\n", "class A {\n", "(\n", "\"", "'", "/*", "def f\n", "  class A:\n"] {
                _ = SourceCodeLoader().load(SourceText(String(repeating: atom, count: 50_000)), of: FileContents(path: name, bytes: []))
            }
        }
    }
}
