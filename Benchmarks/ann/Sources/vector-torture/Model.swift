/// What a database should hold after transaction `n`: a function of the seed and `n` alone, so that whoever opens the
/// database can work it out.
struct Model {
    static let dimension = 128
    static let idCount: Int64 = 1_200

    let seed: UInt64
    private(set) var transaction = 0
    /// For each id that is there, the transaction that wrote it.
    private(set) var versions: [Int64: Int] = [:]

    init(seed: UInt64) { self.seed = seed }

    struct Change {
        var written: [Int64] = []
        var removed: [Int64] = []
    }

    /// What transaction number `number` does; it may write ids that are there.
    func change(_ number: Int) -> Change {
        var random = Generator(seed ^ UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
        var change = Change()
        var met: Set<Int64> = []
        for _ in 0..<(1 + random.next() % 40) {
            let id = Int64(random.next() % UInt64(Self.idCount))
            guard met.insert(id).inserted else { continue }
            if random.next() % 3 == 0 { change.removed.append(id) } else { change.written.append(id) }
        }
        return change
    }

    mutating func advance() {
        transaction += 1
        let change = change(transaction)
        for id in change.removed { versions[id] = nil }
        for id in change.written { versions[id] = transaction }
    }

    /// A unit vector near one of a few centres.
    func vector(_ id: Int64, version: Int) -> [Float] {
        var random = Generator(seed &+ UInt64(bitPattern: id) &* 7_919 &+ UInt64(version) &* 104_729)
        var centre = Generator(seed &+ random.next() % 12)
        var vector = (0..<Self.dimension).map { _ in centre.float() + 0.8 * random.float() }
        let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        for index in vector.indices { vector[index] /= length }
        return vector
    }
}

/// SplitMix64.
struct Generator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
    mutating func float() -> Float { Float(next() >> 40) / Float(1 << 23) - 1 }
}
