/// Calls: macros, methods, and the functions that transformers gives to chat templates.
extension TemplateInterpreter {
    func call(_ function: TemplateValue, _ arguments: ArgumentValues) throws(ChatTemplateError) -> TemplateValue {
        switch function {
        case .macro(let macro): return try call(macro, arguments)
        case .method(let base, let name):
            if case .loop(let loop) = base { return try cycle(loop, arguments) }
            return try TemplateMethods.call(base, name, arguments, &budget)
        case .function(let name): return try callGlobal(name, arguments)
        case .undefined("strftime_now"):
            return try strftime(TemplateDate.fallback, arguments)
        case .undefined(let name): throw .rendering("\(name) is undefined and cannot be called")
        default: throw .rendering("\(function.typeName) cannot be called")
        }
    }

    private func cycle(_ loop: TemplateLoop, _ arguments: ArgumentValues) throws(ChatTemplateError) -> TemplateValue {
        guard !arguments.positional.isEmpty else { throw .rendering("cycle needs items") }
        return arguments.positional[loop.index % arguments.positional.count]
    }

    private func callGlobal(_ name: String, _ arguments: ArgumentValues) throws(ChatTemplateError) -> TemplateValue {
        switch name {
        case "raise_exception": throw .refused(arguments.value(0, "message")?.printed.text ?? "")
        case "range": return .list(try range(arguments.positional))
        case "namespace", "dict":
            var dictionary = TemplateDictionary()
            if case .dictionary(let first)? = arguments.positional.first { dictionary = first }
            for (name, value) in arguments.named { dictionary.set(.trusted(name), value) }
            if name == "dict" {
                try budget.check(.dictionary(dictionary))
                return .dictionary(dictionary)
            }
            return try makeNamespace(dictionary)
        default: return try strftime(date ?? TemplateDate.fallback, arguments)
        }
    }

    private func strftime(_ date: TemplateDate, _ arguments: ArgumentValues) throws(ChatTemplateError) -> TemplateValue {
        guard case .string(let format)? = arguments.positional.first else { throw .rendering("strftime_now needs a format") }
        return .trusted(try date.formatted(format.text))
    }

    private func range(_ arguments: [TemplateValue]) throws(ChatTemplateError) -> [TemplateValue] {
        let numbers = arguments.compactMap(\.wholeNumber)
        guard numbers.count == arguments.count, (1...3).contains(numbers.count) else { throw .rendering("range needs whole numbers") }
        let start = numbers.count == 1 ? 0 : numbers[0]
        let end = numbers.count == 1 ? numbers[0] : numbers[1]
        let step = numbers.count == 3 ? numbers[2] : 1
        guard step != 0 else { throw .rendering("range needs a step other than 0") }
        let (distance, overflow) = end.subtractingReportingOverflow(start)
        guard !overflow, distance / step < 100_000 else { throw .exceeded(limit: "items of a range", 100_000) }
        try budget.spend(max(0, distance / step))
        return stride(from: start, to: end, by: step).map { .integer($0) }
    }
}

/// A moment as `strftime_now` prints it.
package struct TemplateDate: Sendable {
    package var year: Int
    package var month: Int
    package var day: Int
    package var hour: Int
    package var minute: Int
    package var second: Int

    package init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        (self.year, self.month, self.day) = (year, month, day)
        (self.hour, self.minute, self.second) = (hour, minute, second)
    }

    /// What the Llama templates write when they are not told the date.
    static let fallback = TemplateDate(year: 2024, month: 7, day: 26)

    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    ]
    private static let weekdays = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    /// Sakamoto's rule; 0 is Sunday.
    private var weekday: Int {
        let offsets = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4]
        let y = month < 3 ? year - 1 : year
        return (y + y / 4 - y / 100 + y / 400 + offsets[month - 1] + day) % 7
    }

    private var dayOfYear: Int {
        let before = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334][month - 1]
        let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
        return before + day + (isLeap && month > 2 ? 1 : 0)
    }

    /// C's `strftime` in the C locale.
    func formatted(_ format: String) throws(ChatTemplateError) -> String {
        guard (1...12).contains(month), (1...31).contains(day), year > 0 else { throw .rendering("the date is not valid") }
        var output = ""
        var scalars = format.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            guard scalar == "%" else {
                output.unicodeScalars.append(scalar)
                continue
            }
            guard var directive = scalars.next() else { throw .rendering("a date format ends in %") }
            let isPlain = directive == "-"
            if isPlain, let next = scalars.next() { directive = next }
            output += try field(directive, isPlain: isPlain)
        }
        return output
    }

    private func field(_ directive: Unicode.Scalar, isPlain: Bool) throws(ChatTemplateError) -> String {
        func padded(_ value: Int, _ width: Int = 2, _ fill: String = "0") -> String {
            let digits = "\(value)"
            return isPlain ? digits : String(repeating: fill, count: max(0, width - digits.count)) + digits
        }
        switch directive {
        case "Y": return "\(year)"
        case "y": return padded(year % 100)
        case "m": return padded(month)
        case "d": return padded(day)
        case "e": return padded(day, 2, " ")
        case "B": return Self.months[month - 1]
        case "b", "h": return String(Self.months[month - 1].prefix(3))
        case "A": return Self.weekdays[weekday]
        case "a": return String(Self.weekdays[weekday].prefix(3))
        case "w": return "\(weekday)"
        case "j": return padded(dayOfYear, 3)
        case "H": return padded(hour)
        case "I": return padded((hour + 11) % 12 + 1)
        case "M": return padded(minute)
        case "S": return padded(second)
        case "p": return hour < 12 ? "AM" : "PM"
        case "F": return "\(year)-\(padded(month))-\(padded(day))"
        case "T": return "\(padded(hour)):\(padded(minute)):\(padded(second))"
        case "%": return "%"
        default: throw .rendering("the date format %\(directive) is not supported")
        }
    }
}
