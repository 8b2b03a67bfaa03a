import ArgumentParser
import Footnote
import Foundation

struct GenerationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generation",
        abstract: "See, rebuild and exchange the index that answers.",
        discussion: """
            A change of model (index --force --model), of cutting (index --chunking) or of vector settings (generation \
            rebuild) makes a second index beside the first, which answers until the second is whole. The first is kept: \
            rollback makes it answer again, drop removes it.
            """,
        subcommands: [List.self, Rebuild.self, Rollback.self, Drop.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show what answers, what is being built and what was kept.")
        @OptionGroup var base: BaseOptions
        @OptionGroup var format: FormatOptions

        func run() async throws {
            let generations = try await base.open().generations()
            if format.json { return try JSONOutput.document(GenerationsJSON(generations: generations)) }
            StandardOutput.write(Table.text(generations.map { info in
                [
                    info.state.rawValue, "\(info.vectors) vectors", "\(info.model), \(info.dimension) dimensions", "codes \(info.settings.codes.rawValue)",
                    "neighbors \(info.settings.neighbors)", "construction width \(info.settings.constructionWidth)",
                ]
            }))
        }
    }

    struct Rebuild: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Build the vector index anew with other settings.",
            discussion: "Searches and indexing go on meanwhile. What was built stays when it is interrupted: the same command goes on.")
        @OptionGroup var base: BaseOptions

        @Option(help: ArgumentHelp("What searches read of a vector: i8 (8 bits an element), f16 (16), b1 (1, for very large collections in little memory).", valueName: "kind"))
        var codes: String?

        @Option(help: ArgumentHelp("Neighbours of a vector, 2 to 128.", valueName: "number"))
        var neighbors: Int?

        @Option(help: ArgumentHelp("Candidates looked at for them.", valueName: "number"))
        var constructionWidth: Int?

        func validate() throws {
            if let codes, VectorSettings.Codes(rawValue: codes) == nil {
                throw ValidationError("--codes is one of " + VectorSettings.Codes.allCases.map(\.rawValue).joined(separator: ", "))
            }
            if let neighbors, !(2...128).contains(neighbors) { throw ValidationError("--neighbors is between 2 and 128") }
            if let constructionWidth, !(1...100_000).contains(constructionWidth) {
                throw ValidationError("--construction-width is between 1 and 100000")
            }
        }

        func run() async throws {
            try await Interruption.cancelling {
                let knowledgeBase = try await base.open()
                guard var settings = try await knowledgeBase.generations().first(where: { $0.state == .active })?.settings else { return }
                if let codes, let kind = VectorSettings.Codes(rawValue: codes) { settings.codes = kind }
                if let neighbors { settings.neighbors = neighbors }
                if let constructionWidth { settings.constructionWidth = constructionWidth }
                let progress = RebuildProgress()
                defer { progress.finish() }
                try await knowledgeBase.rebuildVectors(settings) { progress.show($0, of: $1) }
                StandardError.notice("the former index is kept: `footnote generation rollback` brings it back, `drop` removes it")
            }
        }
    }

    struct Rollback: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let what answered before the last change answer again.",
            discussion: "After a change of model or cutting is undone, index again for documents that were changed since.")
        @OptionGroup var base: BaseOptions

        func run() async throws {
            guard try await base.open().rollback() else { throw CommandFailure("there is nothing to go back to") }
        }
    }

    struct Drop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove what was kept to go back to, and what was half built.")
        @OptionGroup var base: BaseOptions

        func run() async throws {
            if try await !base.open().dropPrevious() { StandardError.notice("nothing was kept") }
        }
    }
}

/// What `generation list --json` prints.
struct GenerationsJSON: Encodable {
    var generations: [GenerationInfo]
}

/// Sendable because the lock guards its one variable.
private final class RebuildProgress: @unchecked Sendable {
    private let lock = NSLock()
    private var bar = ProgressBar(unit: "vectors")

    func show(_ done: Int, of total: Int) { lock.withLock { bar.update(done, of: total) } }
    func finish() { lock.withLock { bar.finish() } }
}
