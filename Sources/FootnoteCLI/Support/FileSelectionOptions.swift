import ArgumentParser
import Footnote

/// Which files are taken, and how much of them: the same for `index` and `watch`, so that one does not remove what the other
/// has taken in.
struct FileSelectionOptions: ParsableArguments {
    @Option(
        name: [.customShort("c"), .customLong("collection")],
        help: ArgumentHelp("Label for these documents, by which searches can be limited.", valueName: "name"))
    var collection = IndexingOptions().collection

    @Option(
        name: .customLong("glob"),
        help: ArgumentHelp("Take only files that match this pattern. May be repeated.", valueName: "pattern"))
    var include: [String] = []

    @Option(help: ArgumentHelp("Leave out files that match this pattern. May be repeated.", valueName: "pattern"))
    var exclude: [String] = []

    @Flag(help: "Take hidden files too.")
    var hidden = false

    @Option(help: ArgumentHelp("Largest file to read, as 500000, 500K, 64M or 2G.", valueName: "bytes"))
    var maxFileSize = ByteCount(value: IndexingOptions().maximumFileSize)

    @Option(help: ArgumentHelp("Longest time to read one file, in seconds.", valueName: "seconds"))
    var maxSeconds = IndexingOptions().maximumFileSeconds

    func validate() throws {
        guard maxSeconds > 0, maxSeconds <= 86_400 else { throw ValidationError("--max-seconds is above 0 and at most 86400") }
    }

    var indexingOptions: IndexingOptions {
        var options = IndexingOptions()
        options.collection = collection
        options.include = include
        options.exclude = exclude
        options.includeHidden = hidden
        options.maximumFileSize = maxFileSize.value
        options.maximumFileSeconds = maxSeconds
        return options
    }
}
