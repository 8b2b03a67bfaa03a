/// What differs between an answer's manifest and that of the same question asked again.
struct ManifestComparison {
    let before: AnswerManifest
    let after: AnswerManifest

    func differences() -> [ReplayReport.Difference] {
        causes() + passages() + effects()
    }

    private func causes() -> [ReplayReport.Difference] {
        var found: [ReplayReport.Difference] = []
        func compare<Value: Equatable>(_ kind: ReplayReport.Difference.Kind, _ name: String, _ old: Value, _ new: Value, _ text: (Value) -> String) {
            if old != new { found.append(.init(kind: kind, detail: "\(name): was \(text(old)), is \(text(new))")) }
        }
        compare(.version, "version of Footnote", before.footnote, after.footnote) { $0 }
        compare(.embeddingModel, "embedding model", before.models.embedding, after.models.embedding, model)
        compare(.reader, "reader", before.models.reader, after.models.reader, model)
        compare(.languageModel, "language model", before.models.language, after.models.language, model)
        compare(.knowledgeBase, "knowledge base", before.knowledgeBase, after.knowledgeBase) {
            "generation \($0.generation), revision \($0.revision)"
        }
        compare(.question, "question as understood", before.rewrittenQuestion, after.rewrittenQuestion) { $0 ?? "as asked" }
        return found
    }

    private func model(_ identity: ModelIdentity?) -> String {
        identity.map { "\($0.name) (\($0.digest.prefix(12)))" } ?? "none"
    }

    /// Passages by id; one whose document was indexed again is known by its text.
    private func passages() -> [ReplayReport.Difference] {
        var found: [ReplayReport.Difference] = []
        var matched: Set<Int> = []
        for (rank, old) in before.passages.enumerated() {
            let place = after.passages.firstIndex { $0.chunkId == old.chunkId } ?? after.passages.indices.first { index in
                !matched.contains(index) && after.passages[index].sha256 == old.sha256 && after.passages[index].path == old.path
            }
            let name = "passage \(old.chunkId) of \(old.path)"
            guard let place else {
                let isChanged = after.passages.contains { new in new.path == old.path && !before.passages.contains { $0.chunkId == new.chunkId } }
                found.append(.init(kind: isChanged ? .passageChanged : .passageRemoved, detail: name + (isChanged ? " has changed with its document" : " is no longer found")))
                continue
            }
            matched.insert(place)
            if after.passages[place].sha256 != old.sha256 {
                found.append(.init(kind: .passageChanged, detail: name + " has another text"))
            } else if place != rank {
                found.append(.init(kind: .passageMoved, detail: name + " was number \(rank + 1), is number \(place + 1)"))
            }
        }
        for (place, new) in after.passages.enumerated() where !matched.contains(place) {
            found.append(.init(kind: .passageAdded, detail: "passage \(new.chunkId) of \(new.path) is new, number \(place + 1)"))
        }
        return found
    }

    private func effects() -> [ReplayReport.Difference] {
        var found: [ReplayReport.Difference] = []
        if before.prompt?.sha256 != after.prompt?.sha256 {
            found.append(.init(kind: .prompt, detail: "the language model reads another prompt"))
        }
        if before.result.outcome != after.result.outcome {
            found.append(.init(kind: .outcome, detail: "outcome: was \(before.result.outcome.rawValue), is \(after.result.outcome.rawValue)"))
        }
        if before.result.evidence != after.result.evidence {
            found.append(.init(kind: .evidence, detail: "evidence: was \(before.result.evidence), is \(after.result.evidence)"))
        }
        if before.result.text != after.result.text {
            found.append(.init(kind: .answer, detail: "the answer has other words"))
        }
        if before.result.quotes != after.result.quotes {
            found.append(.init(kind: .quotes, detail: "other words are quoted"))
        }
        return found
    }
}
