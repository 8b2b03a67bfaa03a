internal import Foundation
import GRDB
import Testing
import VectorIndex

/// Reads an index with nothing but SQL and what docs/file-format.md says.
@Suite("File format")
struct FileFormatTests {
    private let dimension = 23
    private let neighbors = 5

    /// CRC-32C, bit by bit, over the slot and a blob without its own four bytes.
    private func checksum(_ blob: Data, slot: Int, at offset: Int) -> UInt32 {
        var crc = UInt32.max
        var bytes = withUnsafeBytes(of: UInt32(slot).littleEndian) { Data($0) }
        bytes += blob.prefix(offset) + blob.dropFirst(offset + 4)
        for byte in bytes {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
        }
        return ~crc
    }

    private func read<T: BitwiseCopyable>(_ data: Data, _ offset: Int, as type: T.Type) -> T {
        data.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: type) }
    }

    private struct Node {
        var parent: UInt32
        /// By level: out-edges, in-edges.
        var edges: [(out: [Int], incoming: [Int])] = []
    }

    private func node(_ blob: Data) -> Node {
        var node = Node(parent: read(blob, 8, as: UInt32.self))
        var offset = 12
        for level in 0...Int(blob[0]) {
            let capacity = level == 0 ? 2 * neighbors : neighbors
            let lists = [0, 1].map { half in
                (0..<Int(read(blob, offset + 2 * half, as: UInt16.self))).map {
                    Int(read(blob, offset + 4 + 4 * (half * capacity + $0), as: UInt32.self))
                }
            }
            node.edges.append((lists[0], lists[1]))
            offset += 4 + 8 * capacity
        }
        #expect(offset == blob.count)
        return node
    }

    @Test("vectors and edges can be read as the page says", arguments: [Metric.cosine, .euclidean], CodeKind.allCases)
    func readWithSQL(metric: Metric, code: CodeKind) throws {
        let file = try TemporaryDatabase()
        let parameters = IndexParameters(
            dimension: dimension, metric: metric, neighbors: neighbors, constructionWidth: 30, code: code)
        let index = try file.makeIndex(parameters)
        let vectors = clusteredVectors(120, dimension: dimension, seed: 5)
        try file.pool.write { db throws in
            try index.insert(items(vectors), in: db)
            try index.remove(ids: [7, 8], in: db)
        }
        try file.pool.read { db throws in
            let catalog = try #require(try Row.fetchOne(db, sql: "SELECT * FROM vector_indexes WHERE name = 'main'"))
            let numbers: [Int] = ["format", "dimension", "count", "slots"].map { catalog[$0] }
            #expect(numbers == [3, dimension, 118, 120])
            let texts: [String] = ["metric", "code", "vector"].map { catalog[$0] }
            #expect(texts == [metric.rawValue, code.rawValue, code == .int8 ? "i8+i16" : "i24"])
            for row in try Row.fetchAll(db, sql: "SELECT id, slot FROM vector_index_1_ids") {
                try compareVector(row["id"], slot: row["slot"], vectors, metric, code, db)
            }
            let free = try Int.fetchSet(db, sql: "SELECT slot FROM vector_index_1_free")
            #expect(free.count == 2)
            for slot in free {
                let code = try #require(try Data.fetchOne(db, sql: "SELECT code FROM vector_index_1_codes WHERE slot = ?", arguments: [slot]))
                #expect(read(code, 0, as: Int64.self) == Int64.min)
                #expect(code.dropFirst(24).allSatisfy { $0 == 0 })
            }
            try compareEdges(free, entry: catalog["entry"], db)
        }
    }

    private func compareVector(
        _ id: Int, slot: Int, _ vectors: [[Float]], _ metric: Metric, _ kind: CodeKind, _ db: Database
    ) throws {
        let code = try #require(try Data.fetchOne(db, sql: "SELECT code FROM vector_index_1_codes WHERE slot = ?", arguments: [slot]))
        let row = try #require(try Row.fetchOne(db, sql: "SELECT id, vector FROM vector_index_1_vectors WHERE slot = ?", arguments: [slot]))
        let stored: Data = row["vector"]
        let owner: Int = row["id"]
        #expect(read(code, 0, as: Int64.self) == Int64(id))
        #expect(owner == id)
        #expect(read(code, 16, as: UInt32.self) == checksum(code, slot: slot, at: 16))
        #expect(read(stored, 0, as: UInt32.self) == checksum(stored, slot: slot, at: 0))
        let original = vectors[id - 1]
        let bias: Float = metric == .euclidean ? -original.reduce(0) { $0 + $1 * $1 } : 0
        #expect(abs(read(code, 12, as: Float.self) - bias) < 1e-5)
        let vector = exactVector(code, stored, kind)
        for element in 0..<dimension {
            #expect(abs(vector.values[element] - Double(original[element])) <= vector.scale / 131_072 * 1.01)
        }
        compareCode(code, with: vector, kind)
    }

    /// The exact vector and its scale, from what the page says of the two blobs.
    private func exactVector(_ code: Data, _ stored: Data, _ kind: CodeKind) -> (values: [Double], scale: Double) {
        let isWhole = kind != .int8
        #expect(stored.count == (isWhole ? 8 + 3 * dimension : 4 + 2 * dimension))
        let scale = Double(isWhole ? read(stored, 4, as: Float.self) : read(code, 8, as: Float.self))
        let values = (0..<dimension).map { element in
            let fine = Double(read(stored, (isWhole ? 8 : 4) + 2 * element, as: Int16.self))
            let coarse = isWhole
                ? read(stored, 8 + 2 * dimension + element, as: Int8.self) : read(code, 24 + element, as: Int8.self)
            return (Double(coarse) + fine / 65_536) * scale
        }
        return (values, scale)
    }

    /// Whether a code is what the page says of its kind.
    private func compareCode(_ code: Data, with vector: (values: [Double], scale: Double), _ kind: CodeKind) {
        let scale = Double(read(code, 8, as: Float.self))
        switch kind {
        case .int8:
            #expect(code.count == 24 + dimension)
        case .float16:
            #expect(code.count == 24 + 2 * dimension)
            #expect(scale == vector.scale)
            for (element, value) in vector.values.enumerated() {
                // Eleven bits, the first of which is not written.
                let difference = abs(half(read(code, 24 + 2 * element, as: UInt16.self)) * scale - value)
                #expect(difference <= max(abs(value) / 2_048, scale * 0x1p-25) * 1.01)
            }
        case .binary:
            #expect(code.count == 24 + (dimension + 63) / 64 * 8)
            let squares = vector.values.reduce(0) { $0 + $1 * $1 }, magnitudes = vector.values.reduce(0) { $0 + abs($1) }
            #expect(abs(scale - squares / magnitudes) < 1e-6 * scale)
            for (element, value) in vector.values.enumerated() {
                #expect((code[24 + element / 8] >> UInt8(element % 8) & 1 == 1) == (value >= 0))
            }
            for element in dimension..<(8 * (code.count - 24)) {
                #expect(code[24 + element / 8] >> UInt8(element % 8) & 1 == 0)
            }
        }
    }

    /// A number in half precision: a sign, five bits of exponent, ten of fraction.
    private func half(_ bits: UInt16) -> Double {
        let exponent = Int(bits >> 10 & 31), fraction = Double(bits & 1_023) / 1_024
        let size = exponent == 0 ? fraction * 0x1p-14 : (1 + fraction) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
        return bits >> 15 == 1 ? -size : size
    }

    private func compareEdges(_ free: Set<Int>, entry: Int, _ db: Database) throws {
        var nodes: [Int: Node] = [:]
        for row in try Row.fetchAll(db, sql: "SELECT slot, links FROM vector_index_1_links") {
            let (slot, blob): (Int, Data) = (row["slot"], row["links"])
            #expect(read(blob, 4, as: UInt32.self) == checksum(blob, slot: slot, at: 4))
            #expect((blob[1] & 1 == 1) == free.contains(slot))
            nodes[slot] = node(blob)
        }
        #expect(nodes.filter { Int($0.value.parent) == $0.key }.count == 1)
        for (slot, node) in nodes where !free.contains(slot) {
            let parent = Int(node.parent)
            if parent != slot {
                #expect(node.edges[0].out.contains(parent))
                #expect(nodes[parent]?.edges[0].out.contains(slot) == true)
            }
            for (level, lists) in node.edges.enumerated() {
                for other in lists.out {
                    let end = try #require(nodes[other]).edges[level]
                    #expect(end.out.contains(slot) != end.incoming.contains(slot))
                }
                for other in lists.incoming { #expect(try #require(nodes[other]).edges[level].out.contains(slot)) }
            }
        }
        #expect(nodes[entry]?.edges.count == nodes.values.map(\.edges.count).max())
    }
}
