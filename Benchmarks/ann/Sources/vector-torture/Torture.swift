import Foundation
import GRDB
import VectorIndex

/// Works on a database that is to survive being killed, and checks one that was; see scripts/kill_index.py.
@main
enum Torture {
    static let usage = """
        usage: vector-torture work DATABASE SEED             change it, one transaction after the other, and print each that is committed
               vector-torture check DATABASE SEED NUMBER     is it what it must be, when NUMBER was the last printed?
               vector-torture soak DATABASE SEED SECONDS     eight readers beside a writer; every answer is checked
        """

    static func main() async {
        let arguments = CommandLine.arguments
        do {
            guard arguments.count >= 4, let seed = UInt64(arguments[3]) else { throw Failure(usage) }
            switch (arguments[1], arguments.dropFirst(4).first.flatMap { Int($0) }) {
            case ("work", nil): try work(arguments[2], seed)
            case ("check", let number?): try check(arguments[2], seed, number)
            case ("soak", let seconds?): try await Soak(arguments[2], seed).run(seconds)
            default: throw Failure(usage)
            }
        } catch {
            FileHandle.standardError.write(Data("vector-torture: \(error)\n".utf8))
            exit(1)
        }
    }

    static func work(_ path: String, _ seed: UInt64) throws {
        let store = try Store(path)
        var model = Model(seed: seed)
        let number = try store.pool.read(store.progress)
        while model.transaction < number { model.advance() }
        while true {
            try store.apply(model)
            model.advance()
            // At once and unbuffered: what was printed was committed before.
            FileHandle.standardOutput.write(Data("\(model.transaction)\n".utf8))
        }
    }

    static func check(_ path: String, _ seed: UInt64, _ number: Int) throws {
        let store = try Store(path)
        let faults = try store.faults(seed: seed, atLeast: number)
        guard faults.isEmpty else { throw Failure(faults.prefix(10).joined(separator: "; ")) }
        print(try store.pool.read(store.progress))
    }
}

struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
