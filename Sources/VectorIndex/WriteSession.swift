internal import Foundation
internal import GRDB

/// What a write transaction has changed so far, kept apart from the cache until it commits.
///
/// Changes go to the file at the end of each call, so the file (as the transaction sees it) is always the truth and
/// the blocks here are a copy of it. The index's row carries a fresh random token after every call: a token that is
/// not the expected one tells that a savepoint was rolled back in between, and the copy is dropped.
final class WriteSession: TransactionObserver {
    let connection: ObjectIdentifier
    /// Kept alive until the transaction ends, which ends the session.
    private let index: VectorIndex
    /// What the transaction began with, and what it stands at.
    let base: IndexVersion
    private(set) var version: IndexVersion
    private var earlierTokens: Set<Int64> = []
    /// Blocks changed by this transaction, and blocks the shared cache would not take.
    let overlay: SlotDirectory
    /// Blocks not yet written to the file.
    private(set) var dirty: [(kind: BlockKind, slot: Slot)] = []
    /// Everything changed since the transaction began, also what was rolled back since.
    private var changed: [(kind: BlockKind, slot: Slot)] = []
    /// After a rollback to a savepoint nobody knows which rows are as at the beginning: none come from the cache.
    private(set) var avoidsCache = false

    /// - Parameter slots: of the index at the beginning: new nodes, which later ones of the session are compared with, lie behind.
    init(index: VectorIndex, base: IndexVersion, slots: Int, db: Database) {
        self.index = index
        overlay = SlotDirectory(sketches: SketchLayout(CodeLayout(index.parameters)))
        overlay.firstSlotWithSketches = slots
        self.base = base
        version = base
        connection = ObjectIdentifier(db)
    }

    deinit { freeBlocks() }

    // MARK: Blocks

    func put(_ kind: BlockKind, _ slot: Slot, _ block: UnsafeMutableRawPointer) {
        if let old = overlay.load(kind, slot), old != block { Block.free(old) }
        overlay.store(kind, slot, block)
        guard kind == .code else { return }
        overlay.clearSketch(slot)
        overlay.storeSketch(slot, of: block)
    }

    func markChanged(_ kind: BlockKind, _ slot: Slot, _ block: UnsafeMutableRawPointer) {
        let mark = (block + BlockHeader.dirty).assumingMemoryBound(to: UInt8.self)
        guard mark.pointee & 1 == 0 else { return }
        dirty.append((kind, slot))
        if mark.pointee & 2 == 0 { changed.append((kind, slot)) }
        mark.pointee = 3
    }

    /// The dirty blocks have been written: the transaction now stands at a version of its own.
    func flushed(as next: IndexVersion) {
        for (kind, slot) in dirty {
            overlay.load(kind, slot)?.storeBytes(of: 2, toByteOffset: BlockHeader.dirty, as: UInt8.self)
        }
        dirty.removeAll(keepingCapacity: true)
        earlierTokens.insert(version.token)
        version = next
    }

    /// The version that the next flush gives the index.
    var nextVersion: IndexVersion {
        IndexVersion(generation: base.generation + 1, token: Int64.random(in: .min ... .max))
    }

    /// Whether the state found in the transaction can only come from this session; brings the session to it.
    func resume(at found: IndexVersion) -> Bool {
        if found == version { return true }
        let isEarlier = found == base || (found.generation == base.generation + 1 && earlierTokens.contains(found.token))
        if isEarlier { dropBlocks(at: found) }
        return isEarlier
    }

    /// Forgets the copy, after a change that failed or was rolled back.
    func dropBlocks(at found: IndexVersion) {
        freeBlocks()
        dirty.removeAll()
        avoidsCache = true
        version = found
    }

    private func freeBlocks() {
        overlay.forEachBlock { kind, slot, block in
            overlay.store(kind, slot, nil)
            Block.free(block)
        }
    }

    // MARK: TransactionObserver

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { false }
    func databaseDidChange(with event: DatabaseEvent) {}

    func databaseWillCommit() throws {
        guard index.isCurrent(self), !changed.isEmpty else { return }
        index.cache.prepare(version, from: base) { evict in
            for (kind, slot) in changed { evict(kind, slot) }
        }
    }

    func databaseDidCommit(_ db: Database) {
        guard index.endSession(self), !changed.isEmpty else { return }
        guard let actual = try? IndexState.read(index, in: db).version else { return }
        guard actual == version, !avoidsCache else { return index.cache.correct(version, to: actual) }
        let layouts = (code: CodeLayout(index.parameters), links: LinkLayout(neighbors: index.parameters.neighbors))
        for (kind, slot) in changed {
            guard let block = overlay.load(kind, slot) else { continue }
            let blob = kind == .code ? layouts.code.blob(block) : WholeLinks(block: block, layout: layouts.links).blob
            _ = index.cache.publish(kind, slot, copying: blob, version: actual)
        }
    }

    func databaseDidRollback(_ db: Database) {
        if index.endSession(self) { index.cache.correct(version, to: base) }
    }
}
