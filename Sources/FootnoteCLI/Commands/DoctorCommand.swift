import ArgumentParser
import Footnote

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look for damage, and for what keeps the knowledge base from working.",
        discussion: "Exit status 1 when something is wrong.")

    @OptionGroup var base: BaseOptions

    @Flag(help: "Read everything: each page of the database, each text, the whole vector graph.")
    var deep = false

    @Flag(help: "First make the vector graph anew, and damaged or missing vectors from their texts; then look, as with --deep.")
    var repair = false

    @OptionGroup var format: FormatOptions

    func run() async throws {
        try await Interruption.cancelling {
            let knowledgeBase = try await base.open()
            if repair { try await mend(knowledgeBase) }
            let report = try await knowledgeBase.check(deep: deep || repair)
            if format.json {
                try JSONOutput.document(CheckJSON(report))
            } else {
                report.items.forEach(show)
            }
            if !report.isSound { throw ExitStatus.failure.quiet }
        }
    }

    private func mend(_ knowledgeBase: KnowledgeBase) async throws {
        let report = try await knowledgeBase.repair()
        StandardError.notice("vectors: \(report.kept) kept, \(report.embedded) made anew")
        for path in report.lost { StandardError.notice("lost: passages of \(path); index it again with --force") }
    }

    private func show(_ item: CheckReport.Item) {
        let terminal = Terminal.output
        let mark = item.isSound ? terminal.styled("ok", .green) : terminal.styled("!!", .red)
        StandardOutput.line("\(mark)  \(item.name)")
        item.findings.forEach { StandardOutput.line("    " + terminal.clean($0)) }
    }
}

/// What `doctor --json` prints.
struct CheckJSON: Encodable {
    struct Item: Encodable {
        var name: String
        var sound: Bool
        var findings: [String]
    }

    var sound: Bool
    var items: [Item]

    init(_ report: CheckReport) {
        sound = report.isSound
        items = report.items.map { Item(name: $0.name, sound: $0.isSound, findings: $0.findings) }
    }
}
