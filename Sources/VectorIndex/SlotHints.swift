internal import CKernels

/// Where vectors of ids were seen last, so that a scan of allowed ids need not ask the table of ids for each.
///
/// Hints may be wrong, since several ids share a place and slots are used again: whoever takes one compares the id that
/// the slot's code, as its own transaction sees it, says it is of. So nothing has to be kept in step.
final class SlotHints: @unchecked Sendable {
    // Why unchecked: the size is fixed, and places are loaded and stored atomically.
    private let places: UnsafeMutablePointer<UInt32>
    private let mask: Int

    /// - Parameter count: vectors of the index.
    init(count: Int) {
        var size = 1_024
        while size < 2 * min(count, slotLimit / 2) { size *= 2 }
        mask = size - 1
        places = Zeroed.allocate(size, of: UInt32.self)
    }

    deinit { Zeroed.free(places) }

    var capacity: Int { (mask + 1) / 2 }
    var byteCount: Int { (mask + 1) * MemoryLayout<UInt32>.stride }

    @inline(__always)
    func slot(of id: Int64) -> Slot? {
        let number = ck_load_number(place(id))
        return number == 0 ? nil : number - 1
    }

    func note(_ id: Int64, _ slot: Slot) { ck_store_number(place(id), slot + 1) }

    /// Ids that follow one another, as they mostly do, lie beside each other.
    @inline(__always)
    private func place(_ id: Int64) -> UnsafeMutablePointer<UInt32> { places + (Int(truncatingIfNeeded: id) & mask) }
}
