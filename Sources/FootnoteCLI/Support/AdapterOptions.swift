import ArgumentParser
import Footnote
import Foundation

/// Adapters of a language model; shared by all commands that run one.
struct AdapterOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Add a low-rank adapter to the language model: a GGUF file, or a folder as PEFT saves it; :0.5 behind it halves "
                + "its strength. May be repeated.",
            valueName: "path[:scale]"))
    var lora: [AdapterArgument] = []

    var adapters: [LanguageModelAdapter] { lora.map(\.adapter) }
}

/// `path` or `path:scale` on the command line.
struct AdapterArgument: ExpressibleByArgument {
    let adapter: LanguageModelAdapter

    init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        var (path, scale) = (argument, 1.0)
        // A name may hold a colon itself: only a number behind the last one is a scale.
        if let colon = argument.lastIndex(of: ":"), let number = Double(argument[argument.index(after: colon)...]) {
            guard number.isFinite, colon != argument.startIndex else { return nil }
            (path, scale) = (String(argument[..<colon]), number)
        }
        adapter = LanguageModelAdapter(URL(fileURLWithPath: path, relativeTo: BaseOptions.workingDirectory), scale: scale)
    }
}
