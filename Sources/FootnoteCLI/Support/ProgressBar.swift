import Foundation

/// A line on standard error that shows how far a piece of work is, at what rate, and how long it will take.
/// Shown only where a person is looking; elsewhere it prints nothing at all.
struct ProgressBar {
    private let unit: String
    private let terminal: Terminal
    private let start: ContinuousClock.Instant
    private var lastDrawn: ContinuousClock.Instant?
    private var isShown = false

    /// `unit` names what is counted, in the plural: "files".
    init(unit: String, terminal: Terminal = .error) {
        self.unit = unit
        self.terminal = terminal
        start = .now
    }

    /// Redraws at most ten times a second.
    /// - Parameters:
    ///   - total: `nil` while it is not known yet.
    ///   - fraction: how much of the work is done, where that is known better than `done / total`.
    mutating func update(_ done: Int, of total: Int?, fraction: Double? = nil, detail: String = "") {
        guard terminal.isInteractive else { return }
        let now = ContinuousClock.now
        if let lastDrawn, now - lastDrawn < .milliseconds(100), done != total { return }
        lastDrawn = now
        isShown = true
        let text = Self.line(
            done: done, total: total, fraction: fraction, elapsed: (now - start).seconds, unit: unit,
            detail: terminal.clean(detail), width: terminal.width)
        StandardError.write("\r\u{1B}[K" + text)
    }

    /// Removes the line.
    mutating func finish() {
        if isShown { StandardError.write("\r\u{1B}[K") }
        isShown = false
    }

    /// What `update` draws, at most `width - 1` columns.
    static func line(
        done: Int, total: Int?, fraction: Double? = nil, elapsed: Double, unit: String, detail: String, width: Int
    ) -> String {
        var parts = ["\(done) \(unit)"]
        let share = total.flatMap { $0 > 0 ? fraction ?? Double(done) / Double($0) : nil }
        if let total, let share { parts = [bar(fraction: share, columns: 20), "\(done)/\(total) \(unit)"] }
        if elapsed > 0, done > 0 {
            let rate = Double(done) / elapsed
            parts.append(String(format: rate < 10 ? "%.1f/s" : "%.0f/s", rate))
        }
        if let share, share > 0, share < 1 { parts.append("\(clock(elapsed / share - elapsed)) left") }
        let line = parts.joined(separator: "  ")
        let room = width - 1 - displayWidth(line) - 2
        guard !detail.isEmpty, room > 8 else { return shortened(line, toColumns: width - 1) }
        return line + "  " + shortened(detail, toColumns: room)
    }

    private static func bar(fraction: Double, columns: Int) -> String {
        let filled = Int((min(1, max(0, fraction)) * Double(columns)).rounded())
        return String(repeating: "█", count: filled) + String(repeating: "░", count: columns - filled)
    }

    /// `1:05`, `2:01:05`.
    static func clock(_ seconds: Double) -> String {
        let whole = Int(min(seconds, 359_999).rounded(.up))
        let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
        return hours > 0 ? String(format: "%d:%02d:%02d", hours, minutes, rest) : String(format: "%d:%02d", minutes, rest)
    }
}

extension Duration {
    /// The whole duration as a floating-point number of seconds.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
