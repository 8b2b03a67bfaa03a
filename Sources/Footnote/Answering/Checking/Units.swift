/// Units of measure: what they measure and how many base units one is.
struct MeasureUnit: Sendable, Equatable {
    /// `length`, `mass`, `ratio`, `usd`: values compare only within a dimension.
    var dimension: String
    var factor: Double

    /// Possible readings of the words at a place, and how many tokens they take: pounds are money or mass.
    static func readings(_ tokens: [StatementToken], at index: Int, afterDigits: Bool) -> (units: [MeasureUnit], count: Int)? {
        func lower(_ offset: Int) -> String { tokens.indices.contains(index + offset) ? tokens[index + offset].lower : "" }
        guard tokens.indices.contains(index) else { return nil }
        if tokens[index].kind == .ideograph { return chinese(tokens, at: index) }
        if lower(0) == "°" || lower(0) == "º" { return degrees(lower(1)) }
        if lower(0) == "per", lower(1) == "cent" { return ([percent], 2) }
        if lower(0) == "percentage", lower(1).hasPrefix("point") { return ([percent], 2) }
        if lower(0) == "square" || lower(0) == "cubic", let base = table[lower(1)]?.first, base.dimension == "length" {
            let power = lower(0) == "square" ? 2 : 3
            let factor = (0..<power).reduce(1.0) { product, _ in product * base.factor }
            return ([MeasureUnit(dimension: power == 2 ? "area" : "volume", factor: factor)], 2)
        }
        if lower(1) == "/", let combined = table[lower(0) + "/" + lower(2)] { return (combined, 3) }
        guard let units = table[lower(0)], lower(0).count > 1 || afterDigits || tokens[index].kind == .sign else { return nil }
        return (units, 1)
    }

    static let percent = MeasureUnit(dimension: "ratio", factor: 0.01)

    private static func degrees(_ scale: String) -> (units: [MeasureUnit], count: Int) {
        switch scale {
        case "c", "celsius": ([MeasureUnit(dimension: "celsius", factor: 1)], 2)
        case "f", "fahrenheit": ([MeasureUnit(dimension: "fahrenheit", factor: 1)], 2)
        default: (table["degree"] ?? [], 1)
        }
    }

    private static func chinese(_ tokens: [StatementToken], at index: Int) -> (units: [MeasureUnit], count: Int)? {
        for length in [4, 3, 2, 1] where index + length <= tokens.count {
            let name = tokens[index..<index + length].map(\.lower).joined()
            if let units = chineseTable[name] { return (units, length) }
        }
        return nil
    }

    /// Money that is named by a sign before the number.
    static func currency(_ sign: String) -> MeasureUnit? {
        ["$": "usd", "£": "gbp", "€": "eur", "¥": "cny", "₹": "inr"][sign].map { MeasureUnit(dimension: $0, factor: 1) }
    }

    private static let table: [String: [MeasureUnit]] = {
        let lines = """
            length 0.001 mm millimetre millimeter|length 0.01 cm centimetre centimeter|length 1 m metre meter
            length 1000 km kilometre kilometer|length 1609.344 mile mi|length 0.3048 foot feet ft|length 0.0254 inch inches
            length 0.9144 yard yd|mass 0.001 g gram gramme|mass 0.000001 mg milligram|mass 1 kg kilogram kilo
            mass 1000 tonne t|mass 907.18474 ton|mass 0.028349523125 ounce oz|mass 0.45359237 lb lbs pound
            gbp 1 pound gbp|usd 1 dollar usd|eur 1 euro eur|usd 0.01 cent|eur 0.01 cent|cny 1 yuan cny renminbi
            jpy 1 yen jpy|inr 1 rupee inr|ratio 0.01 % percent|ratio 0.001 ‰
            time 1 second sec s|time 0.001 ms millisecond|time 60 minute min|time 3600 hour hr h|time 86400 day
            time 604800 week|months 1 month|months 12 year yr|months 120 decade|months 1200 century centuries
            area 10000 hectare ha|area 4046.8564224 acre|area 1000000 km² km2 sqkm|area 1 m² m2|volume 1 m³ m3
            volume 0.001 litre liter l|volume 0.000001 ml millilitre milliliter|volume 0.003785411784 gallon
            celsius 1 degree celsius|fahrenheit 1 degree fahrenheit|angle 1 degree|kelvin 1 kelvin
            data 1 byte|data 1000 kb kilobyte|data 1000000 mb megabyte|data 1000000000 gb gigabyte
            data 1000000000000 tb terabyte|data 1024 kib|data 1048576 mib|data 1073741824 gib
            power 1 watt w|power 1000 kilowatt kw|power 1000000 megawatt mw|power 1000000000 gigawatt gw
            energy 1 kwh|energy 1000 mwh|frequency 1 hertz hz|frequency 1000 khz|frequency 1000000 mhz
            frequency 1000000000 ghz|voltage 1 volt v|current 1 ampere amp|speed 1 km/h kph kmh|speed 1.609344 mph
            speed 3.6 m/s|knots 1 knot|times 1 times fold
            """
        var table: [String: [MeasureUnit]] = [:]
        for line in lines.split(whereSeparator: { $0 == "|" || $0 == "\n" }) {
            let fields = line.split(separator: " ").map(String.init)
            guard fields.count > 2, let factor = Double(fields[1]) else { continue }
            let unit = MeasureUnit(dimension: fields[0], factor: factor)
            for name in fields.dropFirst(2) {
                table[name, default: []].append(unit)
                if name.count >= 3, !name.hasSuffix("s") { table[name + "s", default: []].append(unit) }
            }
        }
        return table
    }()

    private static let chineseTable: [String: [MeasureUnit]] = {
        let lines = """
            length 1000 公里 千米|length 1 米|length 0.01 厘米|length 0.001 毫米|length 500 里|mass 1 公斤 千克|mass 0.5 斤
            mass 0.001 克|mass 1000 吨|cny 1 元 人民币 块|usd 1 美元|eur 1 欧元|gbp 1 英镑|jpy 1 日元|hkd 1 港元 港币
            time 1 秒 秒钟|time 60 分钟|time 3600 小时 个小时|time 86400 天 日|time 604800 周 星期|months 1 个月
            months 12 年 岁|area 1000000 平方公里 平方千米|area 1 平方米|area 10000 公顷|area 666.6667 亩|volume 0.001 升 公升
            volume 0.000001 毫升|celsius 1 度 摄氏度|power 1000 千瓦|power 1 瓦
            """
        var table: [String: [MeasureUnit]] = [:]
        for line in lines.split(whereSeparator: { $0 == "|" || $0 == "\n" }) {
            let fields = line.split(separator: " ").map(String.init)
            guard fields.count > 2, let factor = Double(fields[1]) else { continue }
            for name in fields.dropFirst(2) { table[name, default: []].append(MeasureUnit(dimension: fields[0], factor: factor)) }
        }
        table["度", default: []].append(MeasureUnit(dimension: "angle", factor: 1))
        return table
    }()
}
