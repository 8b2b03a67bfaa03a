import Foundation

/// Seconds since an instant.
func seconds(since start: ContinuousClock.Instant) -> Double {
    let time = ContinuousClock.now - start
    return Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
}

/// Processor seconds of the process so far, all threads together: what a busy machine does not change much.
func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The process's memory in bytes: what it holds now and what of that is its own, not a file's; 0 where it cannot be told.
func memory() -> (resident: Int, anonymous: Int) {
    guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return (0, 0) }
    func value(_ key: String) -> Int {
        let line = text.split(separator: "\n").first { $0.hasPrefix(key + ":") }
        return (line?.split(whereSeparator: { $0.isWhitespace }).dropFirst().first).flatMap { Int($0) }.map { $0 * 1024 } ?? 0
    }
    return (value("VmRSS"), value("RssAnon"))
}

func fileSize(_ path: String) -> Int {
    ["", "-wal"].reduce(0) { sum, suffix in
        sum + (((try? FileManager.default.attributesOfItem(atPath: path + suffix))?[.size] as? Int) ?? 0)
    }
}

/// Prints a line of JSON.
func report(_ values: [String: Any]) throws {
    let data = try JSONSerialization.data(withJSONObject: values, options: [.sortedKeys])
    print(String(decoding: data, as: UTF8.self))
}

/// `--name value` pairs after the positional arguments.
struct Options {
    private(set) var positional: [String] = []
    private var named: [String: String] = [:]

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("--") else { positional.append(argument); continue }
            guard let value = rest.popFirst() else { throw Failure("\(argument) needs a value") }
            named[String(argument.dropFirst(2))] = value
        }
    }

    func text(_ name: String) -> String? { named[name] }
    func integer(_ name: String, _ standard: Int) throws -> Int {
        guard let text = named[name] else { return standard }
        guard let value = Int(text) else { throw Failure("--\(name) takes a number, not '\(text)'") }
        return value
    }
    func integers(_ name: String, _ standard: [Int]) throws -> [Int] {
        guard let text = named[name] else { return standard }
        return try text.split(separator: ",").map {
            guard let value = Int($0) else { throw Failure("--\(name) takes numbers, not '\($0)'") }
            return value
        }
    }
}
