import ArgumentParser

/// A number of bytes as people write it: `500000`, `500K`, `64M`, `64MB`, `2G`, in powers of 1024.
struct ByteCount: ExpressibleByArgument {
    var value: Int64

    private static let units: [Character: Int64] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]

    init(value: Int64) {
        self.value = value
    }

    init?(argument: String) {
        var argument = argument
        if argument.count > 2, argument.last?.uppercased() == "B" { argument.removeLast() }
        let unit = argument.last.flatMap { Self.units[Character($0.uppercased())] }
        guard let number = Int64(unit == nil ? argument[...] : argument.dropLast()), number > 0 else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: unit ?? 1)
        guard !overflow else { return nil }
        value = bytes
    }

    var defaultValueDescription: String {
        value % (1 << 20) == 0 ? "\(value >> 20)M" : "\(value)"
    }
}
