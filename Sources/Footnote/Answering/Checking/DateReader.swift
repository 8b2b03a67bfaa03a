/// Reads dates in the usual orders: `June 3, 2020`, `the 3rd of June`, `2020-06-03`, `03/06/2020`, `2020年6月3日`.
struct DateReader {
    let tokens: [StatementToken]

    private func lower(_ index: Int) -> String { tokens.indices.contains(index) ? tokens[index].lower : "" }

    /// Every reading of the date that begins at a token, and the first token after it.
    func date(at index: Int) -> ([StatedDate], Int)? {
        if let (date, end) = chinese(at: index) ?? monthFirst(at: index) ?? dayFirst(at: index) { return ([date], end) }
        return numeric(at: index) ?? bareYear(at: index)
    }

    /// Digits or an ordinal as a day of the month.
    private func day(at index: Int) -> (Int, Int)? {
        guard let number = NumberReader(tokens: tokens).number(at: index), !number.isFraction,
            tokens[index].kind == .number || number.isOrdinal, let value = Int(exactly: number.value), 1...31 ~= value,
            number.end <= index + 2
        else { return nil }
        return (value, number.end)
    }

    private func year(at index: Int) -> Int? {
        guard tokens.indices.contains(index), tokens[index].kind == .number, tokens[index].text.count == 4,
            let value = Int(tokens[index].text), 1000...2199 ~= value
        else { return nil }
        return value
    }

    private func month(at index: Int) -> Int? {
        guard tokens.indices.contains(index), tokens[index].isCapitalized, let month = Self.months[lower(index)] else { return nil }
        // "May I", "March on": names of months that are words need a date or a preposition beside them.
        if ["may", "march"].contains(lower(index)) {
            let before: Set = ["in", "of", "until", "since", "by", "from", "to", "during", "early", "late", "mid", "and", "every", "each"]
            guard !tokens[index].startsSentence || tokens.indices.contains(index + 1) && tokens[index + 1].kind == .number,
                before.contains(lower(index - 1)) || day(at: index + 1) != nil || year(at: index + 1) != nil
                    || (index > 0 && tokens[index - 1].kind == .number)
            else { return nil }
        }
        return month
    }

    private func monthFirst(at index: Int) -> (StatedDate, Int)? {
        guard let month = month(at: index) else { return nil }
        var date = StatedDate(month: month), end = index + 1
        if lower(end) == ".", year(at: end + 1) != nil || day(at: end + 1) != nil { end += 1 }
        if year(at: end) == nil, let (day, next) = day(at: end) {
            date.day = day
            end = next
        }
        let comma = lower(end) == "," || lower(end) == "of" ? 1 : 0
        if let year = year(at: end + comma), date.day != nil || comma == 0 || lower(end) == "of" {
            date.year = year
            end += comma + 1
        }
        return (date, end)
    }

    private func dayFirst(at index: Int) -> (StatedDate, Int)? {
        guard let (day, next) = day(at: index) else { return nil }
        let of = lower(next) == "of" ? 1 : 0
        guard let month = month(at: next + of) else { return nil }
        var date = StatedDate(month: month, day: day), end = next + of + 1
        if lower(end) == ".", year(at: end + 1) != nil { end += 1 }
        let comma = lower(end) == "," ? 1 : 0
        if let year = year(at: end + comma) {
            date.year = year
            end += comma + 1
        }
        return (date, end)
    }

    private func numeric(at index: Int) -> ([StatedDate], Int)? {
        func number(_ offset: Int) -> Int? {
            tokens.indices.contains(index + offset) && tokens[index + offset].kind == .number ? Int(tokens[index + offset].text) : nil
        }
        let sign = lower(index + 1)
        guard sign == "-" || sign == "/", lower(index + 3) == sign, let a = number(0), let b = number(2), let c = number(4),
            (1...4).allSatisfy({ tokens[index + $0].isGlued })
        else { return nil }
        var readings: [StatedDate] = []
        if a >= 1000, 1...12 ~= b, 1...31 ~= c { readings.append(StatedDate(year: a, month: b, day: c)) }
        if c >= 1000, 1...12 ~= b, 1...31 ~= a { readings.append(StatedDate(year: c, month: b, day: a)) }
        if c >= 1000, 1...12 ~= a, 1...31 ~= b { readings.append(StatedDate(year: c, month: a, day: b)) }
        return readings.isEmpty ? nil : (readings, index + 5)
    }

    private func bareYear(at index: Int) -> ([StatedDate], Int)? {
        guard let year = year(at: index), !(tokens.indices.contains(index + 1) && tokens[index + 1].isGlued && lower(index + 1) == "s"),
            MeasureUnit.currency(lower(index - 1)) == nil, MeasureUnit.readings(tokens, at: index + 1, afterDigits: true) == nil,
            NumberReader.magnitudes[lower(index + 1)] == nil
        else { return nil }
        let follows = tokens.indices.contains(index + 1) && tokens[index + 1].kind == .word && tokens[index + 1].isContent
        guard !follows || Self.beforeYears.contains(lower(index - 1)) else { return nil }
        return ([StatedDate(year: year)], index + 1)
    }

    private func chinese(at index: Int) -> (StatedDate, Int)? {
        var date = StatedDate(), end = index
        func part(_ sign: String, _ range: ClosedRange<Int>) -> Int? {
            guard tokens.indices.contains(end), tokens[end].kind != .word,
                let number = NumberReader(tokens: tokens).number(at: end), lower(number.end) == sign || (sign == "日" && lower(number.end) == "号"),
                let value = Int(exactly: number.value), range ~= value
            else { return nil }
            end = number.end + 1
            return value
        }
        date.year = part("年", 1000...2199)
        date.month = part("月", 1...12)
        if date.month != nil { date.day = part("日", 1...31) }
        return date.year == nil && date.month == nil ? nil : (date, end)
    }

    // MARK: Weekdays

    /// A weekday, or every day of `Monday to Friday`.
    func weekdays(at index: Int) -> (Set<Int>, Int)? {
        guard let (first, next) = weekday(at: index) else { return nil }
        if ["to", "-", "–", "through", "until", "至", "到"].contains(lower(next)), let (last, end) = weekday(at: next + 1) {
            var days: Set = [first], day = first
            while day != last {
                day = day % 7 + 1
                days.insert(day)
            }
            return (days, end)
        }
        return ([first], next)
    }

    private func weekday(at index: Int) -> (Int, Int)? {
        if let day = Self.weekdayNames[lower(index)], tokens[index].isCapitalized { return (day, index + 1) }
        let sign = lower(index) + lower(index + 1)
        if sign == "星期" || sign == "礼拜", let day = Self.chineseDays[lower(index + 2)] { return (day, index + 3) }
        if lower(index) == "周", let day = Self.chineseDays[lower(index + 1)] { return (day, index + 2) }
        return nil
    }

    private static let beforeYears: Set<String> = [
        "in", "since", "until", "till", "by", "from", "to", "during", "of", "year", "between", "and", "after", "before",
        "around", "circa", "-", "–", "—", "/", "(", ",", "early", "late",
    ]
    private static let months: [String: Int] = [
        "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8, "september": 9,
        "october": 10, "november": 11, "december": 12, "jan": 1, "feb": 2, "mar": 3, "apr": 4, "jun": 6, "jul": 7,
        "aug": 8, "sep": 9, "sept": 9, "oct": 10, "nov": 11, "dec": 12,
    ]
    private static let weekdayNames: [String: Int] = [
        "monday": 1, "tuesday": 2, "wednesday": 3, "thursday": 4, "friday": 5, "saturday": 6, "sunday": 7, "mondays": 1,
        "tuesdays": 2, "wednesdays": 3, "thursdays": 4, "fridays": 5, "saturdays": 6, "sundays": 7,
    ]
    private static let chineseDays: [String: Int] = ["一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "日": 7, "天": 7]
}
