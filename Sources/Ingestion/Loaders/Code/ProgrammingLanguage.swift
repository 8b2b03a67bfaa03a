/// As much of a language as is needed to find its top-level declarations.
struct ProgrammingLanguage: Sendable {
    enum Structure: Sendable {
        /// Blocks are enclosed in braces.
        case braces
        /// Blocks are indented, whether or not the language demands it; words such as `end` close them.
        case indentation
    }

    enum Apostrophe: Sendable { case string, character, none }

    var name: String
    var structure: Structure
    var lineComments: [StaticString]
    var blockComment: (open: StaticString, close: StaticString)?
    var apostrophe: Apostrophe
    /// Strings that may hold line ends.
    var longStrings: [StaticString]

    /// Whether every statement ends with a semicolon or a block.
    var endsStatements: Bool { ["c", "cpp", "objective-c", "java", "csharp"].contains(name) }

    private static func braces(
        _ name: String, comments: [StaticString] = ["//"], apostrophe: Apostrophe = .character, long: [StaticString] = []
    ) -> ProgrammingLanguage {
        ProgrammingLanguage(
            name: name, structure: .braces, lineComments: comments, blockComment: ("/*", "*/"), apostrophe: apostrophe, longStrings: long)
    }

    private static func indented(
        _ name: String, comments: [StaticString] = ["#"], block: (open: StaticString, close: StaticString)? = nil, long: [StaticString] = []
    ) -> ProgrammingLanguage {
        ProgrammingLanguage(name: name, structure: .indentation, lineComments: comments, blockComment: block, apostrophe: .string, longStrings: long)
    }

    private static let languages: [(extensions: [String], language: ProgrammingLanguage)] = [
        (["swift"], braces("swift", apostrophe: .none, long: ["\"\"\""])),
        (["c", "h"], braces("c")),
        (["cc", "cpp", "cxx", "hpp", "hh", "hxx", "ipp", "cu"], braces("cpp")),
        (["m", "mm"], braces("objective-c")),
        (["java"], braces("java", long: ["\"\"\""])),
        (["kt", "kts"], braces("kotlin", long: ["\"\"\""])),
        (["js", "mjs", "cjs", "jsx"], braces("javascript", apostrophe: .string, long: ["`"])),
        (["ts", "tsx", "mts", "cts"], braces("typescript", apostrophe: .string, long: ["`"])),
        (["go"], braces("go", long: ["`"])),
        (["rs"], braces("rust")),
        (["cs"], braces("csharp", long: ["\"\"\""])),
        (["php"], braces("php", comments: ["//", "#"], apostrophe: .string)),
        (["scala", "sc"], braces("scala", long: ["\"\"\""])),
        (["dart"], braces("dart", apostrophe: .string, long: ["'''", "\"\"\""])),
        (["groovy", "gradle"], braces("groovy", apostrophe: .string, long: ["'''", "\"\"\""])),
        (["css", "scss", "less"], braces("css", apostrophe: .string)),
        (["pl", "pm"], braces("perl", comments: ["#"], apostrophe: .none)),
        (["r"], braces("r", comments: ["#"], apostrophe: .string)),
        (["zig"], braces("zig")),
        (["proto"], braces("protobuf", apostrophe: .string)),
        (["py", "pyi", "pyw"], indented("python", long: ["\"\"\"", "'''"])),
        (["rb", "rake"], indented("ruby")),
        (["lua"], indented("lua", comments: ["--"], block: ("--[[", "]]"))),
        (["sh", "bash", "zsh", "ksh"], indented("shell")),
        (["ex", "exs"], indented("elixir", long: ["\"\"\""])),
        (["jl"], indented("julia", long: ["\"\"\""])),
        (["hs"], indented("haskell", comments: ["--"], block: ("{-", "-}"))),
        (["sql"], indented("sql", comments: ["--"], block: ("/*", "*/"))),
        (["ps1", "psm1", "psd1"], indented("powershell", block: ("<#", "#>"))),
        (["vb", "bas", "vbs"], indented("visual-basic", comments: ["'"])),
        (["pas", "dpr", "pp"], indented("pascal", comments: ["//"], block: ("{", "}"))),
        (["f90", "f95", "f03", "for"], indented("fortran", comments: ["!"])),
    ]

    private static let byExtension: [String: ProgrammingLanguage] = {
        var table: [String: ProgrammingLanguage] = [:]
        for (extensions, language) in languages {
            for name in extensions { table[name] = language }
        }
        return table
    }()

    static var extensions: Set<String> { Set(byExtension.keys) }

    /// The language of a file by its extension, its name or its `#!` line.
    static func of(_ file: FileContents) -> ProgrammingLanguage? {
        if let known = byExtension[file.pathExtension] { return known }
        switch file.name {
        case "Makefile", "makefile", "GNUmakefile": return indented("make")
        case "Dockerfile", "Containerfile": return indented("dockerfile")
        case "Gemfile", "Rakefile": return byExtension["rb"]
        default: break
        }
        guard file.pathExtension.isEmpty, file.bytes.starts(with: Array("#!".utf8)) else { return nil }
        let line = String(decoding: file.bytes.prefix(100).prefix { $0 != Ascii.newline }, as: UTF8.self)
        for (word, name) in [("python", "py"), ("ruby", "rb"), ("lua", "lua"), ("node", "js"), ("perl", "pl"), ("sh", "sh")] where line.contains(word) {
            return byExtension[name]
        }
        return nil
    }
}
