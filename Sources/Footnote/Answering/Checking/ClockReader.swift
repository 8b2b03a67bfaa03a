/// Reads times of day: `9:30`, `6 p.m.`, `noon`, `half past nine`, `nine in the morning`, `下午五点半`.
struct ClockReader {
    let tokens: [StatementToken]

    private func lower(_ index: Int) -> String { tokens.indices.contains(index) ? tokens[index].lower : "" }

    func time(at index: Int) -> (ClockTime, Int)? {
        if let fixed = Self.named[lower(index)] { return (ClockTime(minutes: fixed, isAmbiguous: false), index + 1) }
        return past(at: index) ?? chinese(at: index) ?? hour(at: index)
    }

    private func number(at index: Int, _ range: ClosedRange<Int>) -> (Int, Int)? {
        guard let number = NumberReader(tokens: tokens).number(at: index), !number.isOrdinal, !number.isFraction,
            let value = Int(exactly: number.value), range ~= value, number.end <= index + 2
        else { return nil }
        return (value, number.end)
    }

    /// `half past nine`, `quarter to ten`.
    private func past(at index: Int) -> (ClockTime, Int)? {
        let amount = ["half": 30, "quarter": 15][lower(index)]
        let direction = lower(index + 1)
        guard let amount, direction == "past" || direction == "to", let (hour, end) = number(at: index + 2, 1...12) else { return nil }
        let minutes = hour % 12 * 60 + (direction == "past" ? amount : 720 - amount)
        return close(minutes % 720, end)
    }

    private func hour(at index: Int) -> (ClockTime, Int)? {
        guard let (hour, next) = number(at: index, 0...24) else { return nil }
        if lower(next) == ":", tokens[next].isGlued, tokens.indices.contains(next + 1), tokens[next + 1].text.count == 2,
            let (minute, end) = number(at: next + 1, 0...59)
        {
            return close(hour * 60 + minute, end, isExact: hour > 12 || tokens[index].text.hasPrefix("0"))
        }
        if lower(next) == "o'clock" { return close(hour * 60, next + 1) }
        if halfOfDay(at: next) != nil { return close(hour * 60, next) }
        // "Opens at nine." But "at nine sites" counts something.
        let counts = tokens.indices.contains(next) && (tokens[next].isContent || MeasureUnit.readings(tokens, at: next, afterDigits: true) != nil)
        guard lower(index - 1) == "at", !counts, hour >= 1 else { return nil }
        return close(hour * 60, next, isExact: hour > 12)
    }

    /// Adds the half of the day that follows, if one does.
    private func close(_ minutes: Int, _ end: Int, isExact: Bool = false) -> (ClockTime, Int) {
        guard let (isAfternoon, next) = halfOfDay(at: end) else {
            return (ClockTime(minutes: minutes, isAmbiguous: !isExact), end)
        }
        return (ClockTime(minutes: minutes % 720 + (isAfternoon ? 720 : 0), isAmbiguous: false), next)
    }

    private func halfOfDay(at index: Int) -> (isAfternoon: Bool, end: Int)? {
        switch lower(index) {
        case "am", "a.m": return (false, index + (lower(index + 1) == "." ? 2 : 1))
        case "pm", "p.m": return (true, index + (lower(index + 1) == "." ? 2 : 1))
        case "in" where lower(index + 1) == "the" && lower(index + 2) == "morning": return (false, index + 3)
        case "in" where lower(index + 1) == "the" && ["afternoon", "evening"].contains(lower(index + 2)): return (true, index + 3)
        case "at" where lower(index + 1) == "night": return (true, index + 2)
        default: return nil
        }
    }

    private func chinese(at index: Int) -> (ClockTime, Int)? {
        let part = Self.partsOfDay[lower(index) + lower(index + 1)]
        let start = part == nil ? index : index + 2
        guard tokens.indices.contains(start), tokens[start].kind != .word, let (hour, sign) = number(at: start, 0...24),
            ["点", "时"].contains(lower(sign)), lower(sign + 1) != "间"
        else { return nil }
        var minutes = hour * 60, end = sign + 1
        if lower(end) == "半" {
            minutes += 30
            end += 1
        } else if lower(end) == "一", lower(end + 1) == "刻" {
            minutes += 15
            end += 2
        } else if let (minute, next) = number(at: end, 0...59), lower(next) == "分" {
            minutes += minute
            end = next + 1
        }
        if lower(end) == "钟" { end += 1 }
        guard let part else { return (ClockTime(minutes: minutes, isAmbiguous: hour <= 12), end) }
        if part, hour < 12 { minutes += 720 }
        return (ClockTime(minutes: minutes, isAmbiguous: false), end)
    }

    private static let named = ["noon": 720, "midday": 720, "midnight": 0, "正午": 720]
    /// Whether it is the later half of the day.
    private static let partsOfDay = [
        "上午": false, "早上": false, "早晨": false, "清晨": false, "凌晨": false, "中午": true, "下午": true, "傍晚": true, "晚上": true,
    ]
}
