internal import Foundation

/// Completes a Chinese follow-up from the turn before it: "那博物馆呢？", "它多高？", "为什么？".
struct ChineseFollowUp {
    let question: String
    let turn: FollowUp.Turn

    func rewritten() -> StandaloneQuestion? { bareQuestion() ?? fragment() ?? withPronounsResolved() }

    private var body: String { String(question.reversed().drop { "？?。！! ".contains($0) }.reversed()) }
    private var previous: String { String(turn.question.reversed().drop { "？?。！! ".contains($0) }.reversed()) }

    private static let questionPhrases = [
        "什么时候", "为什么", "多长时间", "怎么样", "多少钱", "几点", "何时", "哪年", "哪一年", "哪天", "哪里", "哪儿", "多久", "多少", "多长", "多高", "多大", "多远", "多深", "怎么", "如何", "谁",
        "什么", "几", "哪个", "哪位",
    ]

    // MARK: "为什么？"

    /// The question before, asked with this question word.
    private func bareQuestion() -> StandaloneQuestion? {
        var asked = body
        for opening in ["那么", "那", "可是", "但是"] where asked.hasPrefix(opening) { asked = String(asked.dropFirst(opening.count)) }
        guard ["为什么", "什么时候", "多久", "怎么", "如何", "在哪里", "哪里", "几点", "为何"].contains(asked) else { return nil }
        if previous.hasSuffix("吗") { return whole(insert(asked, into: String(previous.dropLast())), "", previous) }
        guard let phrase = questionPhrase(of: previous) else { return nil }
        return whole(previous.replacingFirst(phrase, with: asked) + "？", "", previous)
    }

    private func insert(_ asked: String, into clause: String) -> String {
        let topic = topic
        guard !topic.isEmpty, clause.hasPrefix(topic) else { return asked + clause + "？" }
        return topic + asked + clause.dropFirst(topic.count) + "？"
    }

    private func questionPhrase(of text: String) -> String? {
        Self.questionPhrases.compactMap { phrase in text.range(of: phrase).map { (phrase, $0.lowerBound) } }
            .min { ($0.1, $1.0.count) < ($1.1, $0.0.count) }?.0
    }

    // MARK: "那……呢？"

    private func fragment() -> StandaloneQuestion? {
        guard body.hasSuffix("呢") else { return nil }
        var text = String(body.dropLast())
        for opening in ["那么", "那"] where text.hasPrefix(opening) { text = String(text.dropFirst(opening.count)) }
        guard !text.isEmpty, !Self.pronouns.contains(where: { text.hasPrefix($0.word) }) else { return nil }
        let value = Statement(text).values.first
        let before = Statement(previous)
        if let value, let rival = before.values.last(where: { $0.isOfSameKind(as: value) }) {
            return whole(previous.replacingFirst(rival.text, with: text) + "？", text, "in place of " + rival.text)
        }
        let topic = topic
        if value != nil {
            let rest = previous.dropFirst(previous.hasPrefix(topic) ? topic.count : 0)
            return whole(topic + text + rest + "？", text, "added to: " + previous)
        }
        guard !topic.isEmpty else { return nil }
        return whole(previous.replacingFirst(topic, with: text) + "？", text, "in place of " + topic)
    }

    /// What the question before is about: its words before the first verb, question word or time.
    private var topic: String {
        var end = previous.endIndex
        let stops = Self.questionPhrases + Self.predicates + Statement(previous).values.map(\.text)
        for stop in stops where !stop.isEmpty {
            if let range = previous.range(of: stop), range.lowerBound > previous.startIndex { end = min(end, range.lowerBound) }
        }
        var topic = String(previous[..<end])
        for opening in ["请问", "那么"] where topic.hasPrefix(opening) { topic = String(topic.dropFirst(opening.count)) }
        // Of "灯塔的高度" the lighthouse.
        if let of = topic.range(of: "的") { topic = String(topic[..<of.lowerBound]) }
        while let last = topic.last, "，、每在于到从对把被的都还也".contains(last) { topic.removeLast() }
        return topic == previous ? "" : topic
    }

    private static let predicates = [
        "是", "有", "在", "由", "位于", "开门", "关门", "闭馆", "开放", "需要", "可以", "能", "要", "应该", "属于", "叫", "为", "建于", "成立", "举行", "允许", "过期", "包括", "支持", "不", "会", "用",
        "每天", "每周", "什么",
    ]

    // MARK: Pronouns

    private struct Pronoun {
        var word: String
        var isPerson: Bool
    }

    private static let pronouns: [Pronoun] = [
        Pronoun(word: "它们", isPerson: false), Pronoun(word: "他们", isPerson: true), Pronoun(word: "她们", isPerson: true), Pronoun(word: "它", isPerson: false),
        Pronoun(word: "他", isPerson: true), Pronoun(word: "她", isPerson: true), Pronoun(word: "那里", isPerson: false), Pronoun(word: "这里", isPerson: false),
        Pronoun(word: "那儿", isPerson: false), Pronoun(word: "这个", isPerson: false), Pronoun(word: "那个", isPerson: false), Pronoun(word: "该", isPerson: false),
    ]

    private func withPronounsResolved() -> StandaloneQuestion? {
        for pronoun in Self.pronouns {
            guard let range = question.range(of: pronoun.word) else { continue }
            // "其他", "应该" and "那个博物馆" hold these characters as parts of other words.
            if range.lowerBound > question.startIndex, "其应".contains(question[question.index(before: range.lowerBound)]) { continue }
            guard let meaning = pronoun.isPerson ? personOfAnswer() ?? nonEmptyTopic : nonEmptyTopic else { continue }
            let isDemonstrative = ["这个", "那个", "该"].contains(pronoun.word)
            if isDemonstrative, question[range.upperBound...].first?.isIdeographLike == true,
                !Self.questionPhrases.contains(where: { question[range.upperBound...].hasPrefix($0) }), !Self.predicates.contains(where: { question[range.upperBound...].hasPrefix($0) })
            { continue }
            return whole(question.replacingCharacters(in: range, with: meaning), pronoun.word, meaning)
        }
        return nil
    }

    private var nonEmptyTopic: String? { topic.isEmpty ? nil : topic }

    /// Who the answer names where the question before asked "谁".
    private func personOfAnswer() -> String? {
        guard let who = previous.range(of: "谁") else { return nil }
        let before = String(previous[..<who.lowerBound]), after = String(previous[who.upperBound...])
        if after.count >= 2, let range = turn.answer.range(of: String(after.prefix(2))) { return name(in: turn.answer[..<range.lowerBound], atEnd: true) }
        if before.count >= 2, let range = turn.answer.range(of: String(before.suffix(2))) { return name(in: turn.answer[range.upperBound...], atEnd: false) }
        return nil
    }

    private func name(in text: Substring, atEnd: Bool) -> String? {
        let pieces = text.split { !$0.isIdeographLike && !$0.isLetter && $0 != "·" }
        guard let piece = atEnd ? pieces.last : pieces.first, (2...8).contains(piece.count) else { return nil }
        return String(piece)
    }

    private func whole(_ text: String, _ expression: String, _ meaning: String) -> StandaloneQuestion {
        StandaloneQuestion(text: text, wasRewritten: true, resolved: [.init(expression: expression, meaning: meaning)])
    }
}

extension String {
    fileprivate func replacingFirst(_ text: String, with other: String) -> String {
        range(of: text).map { replacingCharacters(in: $0, with: other) } ?? self
    }
}
