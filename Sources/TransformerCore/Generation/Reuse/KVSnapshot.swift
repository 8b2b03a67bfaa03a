/// How keys and values lie in memory.
package struct KVLayout: Hashable, Sendable {
    package let layers: Int
    /// Heads of keys, and of values, in a layer.
    package let planes: Int
    /// Bytes of one head of one position.
    package let rowBytes: Int

    /// Bytes of a position.
    package var positionBytes: Int { layers * planes * rowBytes }
}

/// Keys and values of some positions, which nothing changes any more: `[layers, planes, count]` rows.
package final class KVSnapshot: @unchecked Sendable {  // sound: written before it is shared
    package let layout: KVLayout
    /// Number of positions.
    package let count: Int
    package let bytes: UnsafeMutableRawBufferPointer

    init(layout: KVLayout, count: Int) {
        self.layout = layout
        self.count = count
        bytes = .allocate(byteCount: max(1, layout.positionBytes * count), alignment: 64)
    }

    deinit { bytes.deallocate() }
}
