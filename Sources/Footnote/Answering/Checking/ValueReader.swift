/// Reads every number, date, time and weekday of a statement, each as a whole value.
struct ValueReader {
    let tokens: [StatementToken]

    static func values(in tokens: [StatementToken], of text: String) -> [ValueMention] {
        ValueReader(tokens: tokens).read(text)
    }

    private func read(_ text: String) -> [ValueMention] {
        var mentions: [ValueMention] = []
        var index = 0
        let dates = DateReader(tokens: tokens), clock = ClockReader(tokens: tokens)
        while index < tokens.count {
            if let (readings, end) = dates.date(at: index) {
                mentions.append(mention(.date(readings), index..<end, text))
                index = end
            } else if let (days, end) = dates.weekdays(at: index) {
                mentions.append(mention(.weekdays(days), index..<end, text))
                index = end
            } else if let (time, end) = clock.time(at: index) {
                mentions.append(mention(.time(time), index..<end, text))
                index = end
            } else if let (quantity, range) = quantity(at: index) {
                mentions.append(mention(.quantity(quantity), range, text))
                index = range.upperBound
            } else {
                index += 1
            }
        }
        shareUnits(&mentions)
        return mentions
    }

    private func mention(_ value: StatedValue, _ range: Range<Int>, _ text: String) -> ValueMention {
        let written = text[tokens[range.lowerBound].range.lowerBound..<tokens[range.upperBound - 1].range.upperBound]
        return ValueMention(value: value, tokens: range, text: String(written))
    }

    private func lower(_ index: Int) -> String { tokens.indices.contains(index) ? tokens[index].lower : "" }

    private func quantity(at index: Int) -> (Quantity, Range<Int>)? {
        guard let number = NumberReader(tokens: tokens).number(at: index), !isPronoun(index, number) else { return nil }
        var start = index, end = number.end
        var units: [MeasureUnit] = []
        if index > 0, let currency = MeasureUnit.currency(lower(index - 1)) {
            units = [currency]
            start -= 1
            if isGluedMillion(end) { end += 1 }
        } else if number.isFraction, let (readings, count) = unitOfFraction(at: end) {
            units = readings
            end += count
        } else if !number.isOrdinal, let (readings, count) = MeasureUnit.readings(tokens, at: end, afterDigits: tokens[end - 1].kind != .word) {
            units = readings
            end += count
        } else if number.isFraction {
            units = [MeasureUnit(dimension: "ratio", factor: 1)]
        }
        var value = number.value
        if !units.isEmpty, start < index, end > number.end { value *= 1e6 }
        let label = index > 0 && tokens[index - 1].kind == .word ? tokens[index - 1].key : nil
        let quantity = Quantity(
            value: value, isOrdinal: number.isOrdinal, isDecade: number.isDecade, units: units,
            nouns: nouns(after: end), label: label, bound: bound(from: start, to: end))
        return (quantity, start..<end)
    }

    /// `$5m`: millions, where `5m` alone are metres.
    private func isGluedMillion(_ index: Int) -> Bool {
        tokens.indices.contains(index) && tokens[index].isGlued && lower(index) == "m"
    }

    /// `a quarter of an hour`, `half a mile`.
    private func unitOfFraction(at end: Int) -> (units: [MeasureUnit], count: Int)? {
        var skip = lower(end) == "of" ? 1 : 0
        guard ["a", "an"].contains(lower(end + skip)) else { return nil }
        skip += 1
        return MeasureUnit.readings(tokens, at: end + skip, afterDigits: false).map { ($0.units, $0.count + skip) }
    }

    /// "The blue one", "one of them": no number. "The second" of a minute and "a second" neither.
    private func isPronoun(_ index: Int, _ number: NumberReader.Number) -> Bool {
        guard number.end == index + 1 else { return false }
        if lower(index) == "one" {
            let before: Set = ["the", "this", "that", "which", "each", "every", "no", "any", "another", "other"]
            let counts = tokens.indices.contains(index + 1) && tokens[index + 1].kind == .word && tokens[index + 1].isContent
            return !counts || before.contains(lower(index - 1))
        }
        if lower(index) == "一" || lower(index) == "十" && lower(index + 1) == "分" {
            return MeasureUnit.readings(tokens, at: index + 1, afterDigits: true) == nil
        }
        if lower(index) == "first" || (lower(index) == "second" && ["a", "per"].contains(lower(index - 1))) { return true }
        return false
    }

    /// Keys of up to two content words behind a number within its phrase.
    private func nouns(after end: Int) -> Set<String> {
        var found: Set<String> = []
        var index = end
        while index < tokens.count, index < end + 3, found.count < 2 {
            let token = tokens[index]
            guard token.kind == .word || token.kind == .ideograph else { break }
            if token.kind == .ideograph { return [token.key] }
            guard token.isContent || token.isOne(of: ["of", "more", "other"]) else { break }
            if token.isContent { found.insert(token.key) }
            index += 1
        }
        return found
    }

    private func bound(from start: Int, to end: Int) -> Quantity.Bound {
        let before = (max(0, start - 3)..<start).map(lower)
        let phrase = before.joined(separator: " "), chinese = before.joined()
        let after = (end..<min(end + 3, tokens.count)).map(lower).joined(separator: " ")
        let afterChinese = (end..<min(end + 3, tokens.count)).map(lower).joined()
        for (endings, bound) in Self.boundsBefore where endings.contains(where: { phrase == $0 || phrase.hasSuffix(" " + $0) }) {
            return bound
        }
        for (endings, bound) in Self.chineseBefore where endings.contains(where: { chinese.hasSuffix($0) }) { return bound }
        for (beginnings, bound) in Self.boundsAfter where beginnings.contains(where: { after.hasPrefix($0) || afterChinese.contains($0) }) {
            return bound
        }
        return .exact
    }

    private static let boundsBefore: [([String], Quantity.Bound)] = [
        (["no more than", "not more than", "at most", "up to", "maximum of", "not exceed", "at the most"], .atMost),
        (["no less than", "not less than", "no fewer than", "at least", "minimum of", "a minimum of"], .atLeast),
        (["more than", "over", "above", "exceeds", "exceed", "exceeding", "exceeded", "greater than"], .above),
        (["fewer than", "less than", "under", "below", "smaller than"], .below),
    ]
    private static let chineseBefore: [([String], Quantity.Bound)] = [
        (["不超过", "最多", "至多"], .atMost), (["至少", "不少于", "最少", "不低于"], .atLeast), (["超过", "大于", "多于"], .above),
        (["不到", "少于", "小于", "低于", "不足"], .below),
    ]
    private static let boundsAfter: [([String], Quantity.Bound)] = [
        (["or more", "or older", "or longer", "or higher", "or above", "old or older", "以上"], .atLeast),
        (["or less", "or fewer", "or younger", "or shorter", "or below", "以下", "以内"], .atMost),
    ]

    /// "Between 5 and 10 km", "5–10 km": the unit belongs to both numbers.
    private func shareUnits(_ mentions: inout [ValueMention]) {
        guard mentions.count > 1 else { return }
        for index in mentions.indices.dropLast().reversed() {
            guard case .quantity(var first) = mentions[index].value, case .quantity(let second) = mentions[index + 1].value,
                first.units.isEmpty, !second.units.isEmpty, !first.isOrdinal,
                mentions[index + 1].tokens.lowerBound - mentions[index].tokens.upperBound <= 1,
                ["-", "–", "—", "to", "and", "or", "至", "到", "~"].contains(lower(mentions[index].tokens.upperBound))
            else { continue }
            first.units = second.units
            mentions[index].value = .quantity(first)
        }
    }
}
