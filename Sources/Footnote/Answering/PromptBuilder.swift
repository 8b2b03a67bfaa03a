/// The conversation given to the language model, and which chunks fitted into it.
struct Prompt {
    var messages: [ChatMessage]
    var context: ContextReport
    /// Indices of the results that the model was given; best first.
    var sources: [Int]
}

/// Puts as many whole chunks before the model as its budget allows, best first.
///
/// The budget is exact: each candidate prompt is counted by the model's own tokenizer through its own chat
/// template, so that nothing is cut when it is read. What does not fit is reported.
struct PromptBuilder {
    let model: any LanguageModel
    let options: AskOptions

    func build(question: String, results: [SearchResult]) throws(AskError) -> Prompt {
        let empty = try tokens(messages(question: question, sources: []))
        let room = model.contextLength - options.maximumTokens - empty
        guard room > 0 else {
            throw .contextTooSmall(model: model.identity.name, contextLength: model.contextLength, needed: empty + options.maximumTokens)
        }
        let budget = min(options.contextTokens, room)
        var chosen: [Int] = []
        var omitted: [Int64] = []
        var used = 0
        for index in results.indices {
            let candidate = chosen + [index]
            let cost = try tokens(messages(question: question, sources: candidate.map { results[$0] })) - empty
            if cost <= budget {
                chosen = candidate
                used = cost
            } else {
                omitted.append(results[index].chunkID)
            }
        }
        let report = ContextReport(
            tokenBudget: budget, tokensUsed: used, includedChunks: chosen.map { results[$0].chunkID }, omittedChunks: omitted)
        return Prompt(messages: messages(question: question, sources: chosen.map { results[$0] }), context: report, sources: chosen)
    }

    private func tokens(_ messages: [ChatMessage]) throws(AskError) -> Int {
        do { return try model.promptTokenCount(messages) } catch { throw .model("\(error)") }
    }

    private func messages(question: String, sources: [SearchResult]) -> [ChatMessage] {
        var text = ""
        // Small models remember best what stands nearest to the question: the best source comes last.
        for source in sources.reversed() {
            let names = [source.document.title ?? source.document.path] + source.headingPath
            text += names.joined(separator: " > ") + "\n"
            if let leadIn = source.leadIn { text += leadIn + "\n" }
            text += source.text + "\n\n"
        }
        text += Self.task + "\nQuestion: \(question)"
        return [ChatMessage(role: .system, content: Self.instruction)] + options.history + [ChatMessage(role: .user, content: text)]
    }

    /// Short, because a small model follows few instructions; checking does not depend on any of it being obeyed.
    /// Markers are not asked for: the default model then writes nothing but markers. Sources are found without them.
    private static let instruction = "You answer questions about the text that you are given, in its language."
    private static let task = "Using only the text above, answer in one or two sentences."
}
