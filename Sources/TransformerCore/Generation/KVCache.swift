/// Keys and values of all positions of one sequence, for all layers. Grows in steps up to a limit.
///
/// Each layer holds `[keyValueHeads, capacity, headDimension]` keys, then as many values, so that attention walks
/// along memory. Belongs to one sequence and one thread at a time.
package final class KVCache {
    package let layers: Int
    package let heads: Int
    package let headDimension: Int
    /// `.f16` or `.f32`
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
        precondition(type == .f16 || type == .f32, "a cache holds plain numbers")
        self.layers = layers
        self.heads = heads
        self.headDimension = headDimension
        self.type = type
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

    /// One layer's memory; valid until the cache grows.
    func view(layer: Int) -> KeyValueCacheView {
        let base = storage[layer]
        return KeyValueCacheView(
            keys: base, values: keysOnly ? base : base + heads * capacity * rowBytes, type: type, heads: heads,
            headDimension: headDimension, capacity: capacity)
    }

    private var rowBytes: Int { headDimension * type.blockBytes }

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
