import ArgumentParser
import Footnote
import Foundation

struct EvalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "eval", abstract: "Measure retrieval and answers on questions whose answers and sources are known.",
        subcommands: [QuestionEvalCommand.self, RetrievalEvalCommand.self])
}

struct QuestionEvalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "qa",
        abstract: "Ask the questions of a set and compare the answers with the known ones.",
        discussion: """
            Each line of a file is a JSON object with question, context (the passage), answers, and answerable, compressed by \
            gzip or not. A knowledge base is made of all passages but those of a share of the titles: their questions must \
            be refused. The same files, seed and options give the same figures, but for the times.
            """)

    @Argument(help: ArgumentHelp("Files of questions.", valueName: "file"))
    var files: [String]

    @Option(
        help: ArgumentHelp(
            "Put the passages of this file into the knowledge base, too, without asking its questions. May be repeated.",
            valueName: "file"))
    var passages: [String] = []

    @Option(help: ArgumentHelp("Ask so many questions, drawn at random. Default: all.", valueName: "count"))
    var sample: Int?

    @Option(help: ArgumentHelp("Draw the same questions again.", valueName: "number"))
    var seed: UInt64 = 1

    @Option(help: ArgumentHelp("Share of the titles whose passages are left out, 0 to 1.", valueName: "share"))
    var heldOut = 0.1

    @Flag(help: "Answer with quoted sentences alone, without a language model.")
    var extractive = false

    @Option(
        help: ArgumentHelp(
            "Leave out a stage, to see what it is worth: \(AnswerStages.names.map(\.name).joined(separator: ", ")). May be repeated.",
            valueName: "stage"))
    var without: [String] = []

    @Option(
        name: [.customShort("m"), .customLong("model")],
        help: ArgumentHelp("Language model, by name or as a path to a GGUF file.", valueName: "name"))
    var model: String?

    @Option(help: ArgumentHelp("Refuse a question whose evidence is below this, 0 to 1.", valueName: "score"))
    var minEvidence = AskOptions().minimumEvidence

    @Option(
        help: ArgumentHelp(
            "Write the features of each question and its sentences to this file instead, for scripts/fit_evidence.py.",
            valueName: "file"))
    var dumpFeatures: String?

    @Option(
        help: ArgumentHelp(
            "Write what came of each question to this file, a line of JSON each, to see where answers fail.",
            valueName: "file"))
    var records: String?

    @OptionGroup var evaluation: EvaluationOptions
    @OptionGroup var format: FormatOptions

    func validate() throws {
        guard sample.map({ $0 > 0 }) ?? true else { throw ValidationError("--sample must be at least 1.") }
        for name in without where !AnswerStages.names.contains(where: { $0.name == name }) {
            throw ValidationError("--without \(name): there is no such stage.")
        }
        guard (0...1).contains(heldOut) else { throw ValidationError("--held-out must lie between 0 and 1.") }
        guard (0...1).contains(minEvidence) else { throw ValidationError("--min-evidence must lie between 0 and 1.") }
    }

    func run() async throws {
        try await Interruption.cancelling {
            let earlier = try self.evaluation.earlier(QuestionReport.self, command: "eval qa")
            let evaluation = try QuestionEvaluation(
                files: files.map(EvaluationOptions.url), passages: passages.map(EvaluationOptions.url), options: options())
            StandardError.notice("\(evaluation.questionCount) questions on \(evaluation.passageCount) passages")
            var base = KnowledgeBaseOptions()
            if let model { base.languageModel = .named(model) }
            let options = base
            let report = try await self.evaluation.inFolder { try await evaluation.run(in: $0, base: options) }
            try self.evaluation.present(report, earlier: earlier, format: format)
        }
    }

    private func options() -> QuestionEvaluationOptions {
        var options = QuestionEvaluationOptions()
        options.sample = sample
        options.seed = seed
        options.heldOut = heldOut
        options.records = records.map(EvaluationOptions.url)
        options.dump = dumpFeatures.map(EvaluationOptions.url)
        options.ask.extractive = extractive
        options.ask.minimumEvidence = minEvidence
        for (name, stage) in AnswerStages.names where without.contains(name) { options.ask.stages.remove(stage) }
        return options
    }
}
