/// Keys and values of all positions of one sequence, for all layers. Grows in steps up to a limit.
///
/// Each layer holds `[keyValueHeads, capacity, headDimension]` keys, then as many values, so that attention walks
/// along memory. Belongs to one sequence and one thread at a time.
package final class KVCache {
    package let layers: Int
    package let heads: Int
    package let headDimension: Int
    /// `.f16`, `.f32` or `.q8_0`
    package let type: TensorType
    /// Most positions that it will ever hold.
    package let limit: Int
    /// Whether keys are kept alone, for models whose keys are their own values.
    package let keysOnly: Bool
    /// Positions that are filled.
    package private(set) var count = 0
    /// Positions that there is memory for.
    package private(set) var capacity = 0
    private var storage: [UnsafeMutableRawPointer] = []

    /// Growth starts here and doubles: copying costs little, and short questions stay small.
    private static let firstCapacity = 256

    package init(layers: Int, heads: Int, headDimension: Int, type: TensorType, limit: Int, keysOnly: Bool = false) {
        precondition([.f16, .f32, .q8_0].contains(type), "a cache holds plain numbers or bytes")
        self.layers = layers
        self.heads = heads
        self.headDimension = headDimension
        // Blocks of 32 bytes must not reach from one head into the next.
        self.type = headDimension.isMultiple(of: type.blockSize) ? type : .f16
        self.limit = limit
        self.keysOnly = keysOnly
    }

    deinit {
        storage.forEach { $0.deallocate() }
    }

    /// Bytes of memory in use.
    package var byteCount: Int { layers * planes * rowBytes * capacity }

    /// Heads of keys, and of values, in a layer.
    private var planes: Int { keysOnly ? heads : 2 * heads }

    /// Makes room for `rows` positions after those filled; the caller has checked the limit.
    func reserve(_ rows: Int) {
        let needed = count + rows
        precondition(needed <= limit, "the session checks the context limit")
        guard needed > capacity else { return }
        var newCapacity = max(capacity, Self.firstCapacity)
        while newCapacity < needed { newCapacity *= 2 }
        grow(to: min(newCapacity, limit))
    }

    /// Declares `rows` positions filled, after every layer has stored its keys and values.
    func advance(_ rows: Int) {
        count += rows
    }

    /// Forgets positions from `length` on.
    package func rewind(to length: Int) {
        count = max(0, min(count, length))
    }

    /// A copy of the first `length` positions.
    func snapshot(of length: Int) -> KVSnapshot {
        let length = min(length, count)
        let copy = KVSnapshot(layout: layout, count: length)
        for layer in 0..<layers {
            for plane in 0..<planes {
                copy.bytes.baseAddress.map {
                    ($0 + (layer * planes + plane) * length * rowBytes).copyMemory(
                        from: storage[layer] + plane * capacity * rowBytes, byteCount: length * rowBytes)
                }
            }
        }
        return copy
    }

    /// Takes `length` positions from `start` of a copy behind those that are filled.
    func append(_ snapshot: KVSnapshot, from start: Int, count length: Int) {
        precondition(snapshot.layout == layout && start >= 0 && length >= 0 && start + length <= snapshot.count)
        reserve(length)
        for layer in 0..<layers {
            for plane in 0..<planes {
                snapshot.bytes.baseAddress.map {
                    (storage[layer] + (plane * capacity + count) * rowBytes).copyMemory(
                        from: $0 + ((layer * planes + plane) * snapshot.count + start) * rowBytes,
                        byteCount: length * rowBytes)
                }
            }
        }
        advance(length)
    }

    /// What a copy must agree in.
    package var layout: KVLayout { KVLayout(layers: layers, planes: planes, rowBytes: rowBytes) }

    /// One layer's memory; valid until the cache grows.
    func view(layer: Int) -> KeyValueCacheView {
        let base = storage[layer]
        return KeyValueCacheView(
            keys: base, values: keysOnly ? base : base + heads * capacity * rowBytes, type: type, heads: heads,
            headDimension: headDimension, capacity: capacity)
    }

    var rowBytes: Int { type.bytes(for: headDimension) }

    private func grow(to newCapacity: Int) {
        let filled = count * rowBytes
        for layer in 0..<layers {
            let new = UnsafeMutableRawPointer.allocate(byteCount: planes * newCapacity * rowBytes, alignment: 64)
            guard capacity > 0 else {
                storage.append(new)
                continue
            }
            let old = storage[layer]
            for plane in 0..<planes {
                (new + plane * newCapacity * rowBytes).copyMemory(
                    from: old + plane * capacity * rowBytes, byteCount: filled)
            }
            old.deallocate()
            storage[layer] = new
        }
        capacity = newCapacity
    }
}
