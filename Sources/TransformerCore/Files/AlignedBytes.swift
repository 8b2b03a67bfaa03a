/// Owned memory aligned for any vector load.
final class AlignedBytes: @unchecked Sendable {
    // Sendable because whoever makes it writes it before handing it on, and nobody does afterwards.
    let memory: UnsafeMutableRawBufferPointer

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(memory) }

    /// Room for `byteCount` bytes with arbitrary contents.
    init(byteCount: Int) {
        memory = .allocate(byteCount: byteCount, alignment: 64)
    }

    convenience init(copying source: UnsafeRawBufferPointer) {
        self.init(byteCount: source.count)
        memory.copyMemory(from: source)
    }

    deinit {
        memory.deallocate()
    }
}
