/// The conversation given to the language model, and which passages it holds something of.
struct Prompt: Sendable {
    var messages: [ChatMessage]
    var context: ContextReport
    /// Indices of the results that the model was given something of.
    var sources: Set<Int>
    /// What was put before the model, in the order of the numbers.
    var excerpts: [EvidenceExcerpt]
    /// Documents that these come from.
    var documents: [Int64] = []

    var count: Int { excerpts.count }
}

/// Puts numbered excerpts before the model, as many as its budget allows, best first.
///
/// The budget is exact: each candidate prompt is counted by the model's own tokenizer through its own chat
/// template, so that nothing is cut when it is read. What does not fit is reported.
struct PromptBuilder {
    let model: any LanguageModel
    let options: AskOptions

    /// - Parameter excerpts: best first.
    func build(_ material: Material, excerpts: [EvidenceExcerpt]) throws(AskError) -> Prompt {
        let empty = try tokens(messages(material, []))
        let room = model.contextLength - options.maximumTokens - empty
        guard room > 0 else {
            throw .contextTooSmall(model: model.identity.name, contextLength: model.contextLength, needed: empty + options.maximumTokens)
        }
        let budget = min(options.contextTokens, room)
        var chosen: [EvidenceExcerpt] = []
        var used = 0
        for excerpt in excerpts {
            let cost = try tokens(messages(material, chosen + [excerpt])) - empty
            guard cost <= budget else { continue }
            chosen.append(excerpt)
            used = cost
        }
        let sources = Set(chosen.map(\.resultIndex))
        let offered = Set(excerpts.map(\.resultIndex))
        let report = ContextReport(
            tokenBudget: budget, tokensUsed: used, includedChunks: sources.sorted().map { material.results[$0].chunkID },
            omittedChunks: offered.subtracting(sources).sorted().map { material.results[$0].chunkID })
        var prompt = Prompt(messages: messages(material, chosen), context: report, sources: sources, excerpts: chosen.reversed())
        prompt.documents = Set(sources.map { material.results[$0].document.id }).sorted()
        return prompt
    }

    private func tokens(_ messages: [ChatMessage]) throws(AskError) -> Int {
        do { return try model.promptTokenCount(messages) } catch { throw .model("\(error)") }
    }

    private func messages(_ material: Material, _ excerpts: [EvidenceExcerpt]) -> [ChatMessage] {
        var text = ""
        // Small models remember best what stands nearest to the question: the best source comes last.
        for (number, excerpt) in excerpts.reversed().enumerated() {
            let result = material.results[excerpt.resultIndex]
            let names = [result.document.title].compactMap(\.self) + result.headingPath
            var lead = names.suffix(2).joined(separator: " > ")
            if let header = result.leadIn { lead += (lead.isEmpty ? "" : "\n") + header }
            text += "[\(number + 1)] " + (lead.isEmpty ? "" : lead + "\n") + excerpt.text + "\n\n"
        }
        text += (options.quotesOnly ? Self.quotingTask : Self.task(material.shape)) + "\nQuestion: \(material.standalone)"
        return [ChatMessage(role: .system, content: Self.instruction), ChatMessage(role: .user, content: text)]
    }

    /// Short, because a small model follows few instructions; checking does not depend on any of it being obeyed.
    private static let instruction = "You answer questions about the text that you are given, in its language."

    private static let quotingTask = "Copy the sentence of the text above that answers the question, word for word."

    private static func task(_ shape: QuestionShape) -> String {
        switch shape {
        case .fact, .yesNo: "Using only the text above, answer in one short sentence."
        case .list: "Using only the text above, list what is asked for."
        case .steps: "Using only the text above, say how, step by step."
        case .reason, .open: "Using only the text above, answer in one or two sentences."
        }
    }
}
