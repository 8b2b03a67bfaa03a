internal import CKernels

/// Memory for the cache's blocks, of a few sizes: cut from large pieces in large pages, since a walk touches blocks all
/// over and would wait for the page table as long as for the data.
///
/// Blocks are aligned to 64 bytes if their size is a multiple of it, else to 32. Not thread-safe: its owner has a lock.
final class BlockArena {
    private static let pieceSize = 2 << 20
    /// The first pieces are small, so that a small index takes little.
    private static let firstPiece = 64 << 10

    private struct SizeClass {
        var free: UnsafeMutableRawPointer?
        var next: UnsafeMutableRawPointer?
        var left = 0
        var nextPiece = BlockArena.firstPiece
        var live = 0
        var pieces: [(start: UnsafeMutableRawPointer, size: Int)] = []
    }
    private var classes: [Int: SizeClass] = [:]

    deinit { for (_, pieces) in classes { Self.release(pieces.pieces) } }

    /// Bytes taken from the system.
    private(set) var reservedBytes = 0

    /// Bytes that the next block of a size would have to be taken from the system; 0 when there is room for it.
    func growth(for size: Int) -> Int {
        guard let pool = classes[size] else { return Self.firstPiece }
        return pool.free != nil || pool.left >= size ? 0 : Self.piece(pool, atLeast: size)
    }

    /// Whether no block of a size was allocated yet: its first piece is small.
    func isNew(_ size: Int) -> Bool { classes[size]?.pieces.isEmpty ?? true }

    /// - Returns: nil when the system has no memory to give.
    func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
        var pool = classes[size] ?? SizeClass()
        defer { classes[size] = pool }
        if let block = pool.free {
            pool.live += 1
            pool.free = block.load(as: UnsafeMutableRawPointer?.self)
            // The next to be written, which nobody has touched for long.
            if let next = pool.free { ck_prefetch(next, size) }
            return block
        }
        if pool.left < size { addPiece(to: &pool, atLeast: size) }
        guard pool.left >= size, let block = pool.next else { return nil }
        pool.live += 1
        pool.next = block + size
        pool.left -= size
        return block
    }

    func free(_ block: UnsafeMutableRawPointer, size: Int) {
        guard var pool = classes[size] else { return }
        pool.live -= 1
        if pool.live == 0 {
            Self.release(pool.pieces)
            reservedBytes -= pool.pieces.reduce(0) { $0 + $1.size }
            pool = SizeClass()
        } else {
            block.storeBytes(of: pool.free, as: UnsafeMutableRawPointer?.self)
            pool.free = block
        }
        classes[size] = pool
    }

    private static func piece(_ pool: SizeClass, atLeast size: Int) -> Int {
        max(pool.nextPiece, (size + firstPiece - 1) / firstPiece * firstPiece)
    }

    private func addPiece(to pool: inout SizeClass, atLeast size: Int) {
        let piece = Self.piece(pool, atLeast: size)
        let start: UnsafeMutableRawPointer? =
            piece == Self.pieceSize ? ck_map_pages(piece, 1) : .allocate(byteCount: piece, alignment: 64)
        guard let start else { return }
        pool.next = start
        pool.left = piece
        pool.pieces.append((start, piece))
        reservedBytes += piece
        pool.nextPiece = min(2 * pool.nextPiece, Self.pieceSize)
    }

    private static func release(_ pieces: [(start: UnsafeMutableRawPointer, size: Int)]) {
        for (start, size) in pieces {
            if size == pieceSize { ck_unmap_pages(start, size) } else { start.deallocate() }
        }
    }
}
