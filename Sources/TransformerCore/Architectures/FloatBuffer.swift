/// Scratch floats that grow when asked for more than they hold and are otherwise used again.
/// Belongs to one computation at a time. Contents do not survive growth.
final class FloatBuffer {
    private var storage = UnsafeMutableBufferPointer<Float>(start: nil, count: 0)

    /// Room for at least `count` floats, with arbitrary contents.
    func reserve(_ count: Int) -> UnsafeMutablePointer<Float> {
        if let base = storage.baseAddress, storage.count >= count { return base }
        storage.baseAddress.map { UnsafeMutableRawPointer($0).deallocate() }
        let raw = UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64)
        let base = raw.bindMemory(to: Float.self, capacity: max(count, 1))
        storage = UnsafeMutableBufferPointer(start: base, count: count)
        return base
    }

    deinit {
        storage.baseAddress.map { UnsafeMutableRawPointer($0).deallocate() }
    }
}
