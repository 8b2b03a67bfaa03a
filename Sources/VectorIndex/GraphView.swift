internal import CKernels
internal import Foundation
internal import GRDB

/// The graph as one call sees it: one connection, one transaction, one version.
///
/// Blocks come from the writer's own changes, the shared cache or the file, in this order, and stay valid until the
/// view is closed (or, in a write session, until the node is changed).
final class GraphView {
    let index: VectorIndex
    let codeLayout: CodeLayout
    let linkLayout: LinkLayout
    let fineLayout: FineLayout
    /// The index's row; a writer changes it as it goes and writes it at the end.
    var state: IndexState
    let session: WriteSession?
    private let db: Database
    private let rows = NSLock()
    private let cache: NodeCache
    private let pin: NodeCache.Pin
    /// The version that rows not in `own` are of.
    private let rowVersion: IndexVersion
    /// The session's overlay, or blocks that the cache would not take: made for the first of them.
    private var own: SlotDirectory? {
        didSet { tables.own = own?.table }
    }
    /// Where walks look up blocks themselves: first in the second, if there is one, which holds what the writer changed. Threads that
    /// plan read it all the time, while nobody changes it.
    @exclusivity(unchecked) private(set) var tables: (shared: SlotTable, own: SlotTable?)
    /// Prepared when a row is first read, since most searches find all nodes in memory; for a writer at once, whose planning
    /// threads may read rows but not prepare statements.
    private var codeRow: RowStatement?
    private var linkRow: RowStatement?

    /// - Parameters:
    ///   - session: the write session this call belongs to, if any.
    ///   - past: to read all from the file, past the cache.
    init(_ index: VectorIndex, state: IndexState, session: WriteSession?, past: Bool = false, db: Database) throws {
        self.index = index
        self.db = db
        self.state = state
        self.session = session
        codeLayout = CodeLayout(index.parameters)
        linkLayout = LinkLayout(neighbors: index.parameters.neighbors)
        fineLayout = FineLayout(index.parameters)
        cache = index.cache
        rowVersion = session?.base ?? state.version
        own = session?.overlay
        tables = (cache.table, session?.overlay.table)
        var pin = cache.pin(rowVersion)
        if past || session?.avoidsCache == true { pin.generation = 0 }
        self.pin = pin
        if session != nil {
            _ = try preparedCodeRow()
            _ = try preparedLinkRow()
        }
    }

    deinit {
        cache.unpin(pin)
        if session == nil { own?.forEachBlock { _, _, block in Block.free(block) } }
    }

    // MARK: Reading

    /// The node's code. Throws when it has none.
    @inline(__always)
    func code(_ slot: Slot) throws -> UnsafeMutableRawPointer {
        if let block = present(.code, slot) { return block }
        return try readCode(slot)
    }

    /// The node's links, which exist on `level`. Throws when it has none there.
    @inline(__always)
    func links(_ slot: Slot, on level: Int) throws -> NodeLinks {
        let links = try links(slot)
        try check(links, slot, on: level)
        return links
    }

    @inline(__always)
    private func check(_ links: NodeLinks, _ slot: Slot, on level: Int) throws {
        guard level <= links.topLevel, !links.isFree else {
            throw corrupt(index.schema.links, slot, links.isFree ? "an edge leads to a free slot" : "an edge on level \(level) leads to a node of level \(links.topLevel)")
        }
    }

    @inline(__always)
    func links(_ slot: Slot) throws -> NodeLinks {
        if let block = present(.links, slot) { return NodeLinks(block: block, layout: linkLayout) }
        return try readLinks(slot)
    }

    @inline(__always)
    private func present(_ kind: BlockKind, _ slot: Slot) -> UnsafeMutableRawPointer? {
        if let own = tables.own, let block = own.load(kind, slot) { return block }
        return NodeCache.block(tables.shared, kind, slot, generation: pin.generation)
    }

    var hints: SlotHints { cache.hints(count: state.count) }
    /// Whether sketches of the shared table are of this version; asked before they are read and again afterwards.
    @inline(__always)
    var sketchesHold: Bool { pin.generation != 0 && cache.isAt(pin.generation) }
    /// Blocks of the shared table with a stamp up to this may be used.
    var usableGeneration: UInt64 { pin.generation }

    /// The fine part of a vector, if the cache has it. Writers read theirs from the file, which they have changed.
    func keptFine(_ slot: Slot) -> UnsafeMutableRawPointer? {
        session == nil ? NodeCache.block(tables.shared, .fine, slot, generation: pin.generation) : nil
    }

    /// Keeps a fine part for other searches; nil when the cache does not take it.
    func keepFine(_ slot: Slot, copying blob: UnsafeRawBufferPointer) -> UnsafeMutableRawPointer? {
        guard session == nil, pin.generation != 0 else { return nil }
        return cache.publish(.fine, slot, copying: blob, version: rowVersion)
    }

    // Several threads may plan on one view: rows of the file are read by one at a time.

    private func preparedCodeRow() throws -> RowStatement {
        let row = try codeRow ?? RowStatement(db, "SELECT code FROM \(index.schema.codes) WHERE slot = ?")
        codeRow = row
        return row
    }

    private func preparedLinkRow() throws -> RowStatement {
        let row = try linkRow ?? RowStatement(db, "SELECT links FROM \(index.schema.links) WHERE slot = ?")
        linkRow = row
        return row
    }

    private func readCode(_ slot: Slot) throws -> UnsafeMutableRawPointer {
        rows.lock()
        defer { rows.unlock() }
        if let block = present(.code, slot) { return block }
        let codeRow = try preparedCodeRow()
        defer { codeRow.reset() }
        codeRow.bind(1, Int64(slot))
        guard try codeRow.step() else { throw corrupt(index.schema.codes, slot, "the row is missing") }
        let blob = codeRow.blob(0)
        if let fault = codeLayout.fault(blob, slot: slot) { throw corrupt(index.schema.codes, slot, fault) }
        return keep(.code, slot, copying: blob, size: codeLayout.blockSize)
    }

    private func readLinks(_ slot: Slot) throws -> NodeLinks {
        rows.lock()
        defer { rows.unlock() }
        if let block = present(.links, slot) { return NodeLinks(block: block, layout: linkLayout) }
        return try withLinkRow(slot) { blob in
            NodeLinks(block: keep(.links, slot, copying: blob, size: BlockHeader.size + blob.count), layout: linkLayout)
        }
    }

    /// All of the node's links: what the cache has left out is read again.
    func wholeLinks(_ slot: Slot) throws -> WholeLinks {
        if let block = own?.load(.links, slot) { return WholeLinks(block: block, layout: linkLayout) }
        rows.lock()
        defer { rows.unlock() }
        return try withLinkRow(slot) { blob in
            WholeLinks(block: keepApart(.links, slot, copying: blob, size: BlockHeader.size + blob.count), layout: linkLayout)
        }
    }

    /// Reads and checks the row of a node's links; `rows` is locked.
    private func withLinkRow<T>(_ slot: Slot, _ body: (UnsafeRawBufferPointer) throws -> T) throws -> T {
        let linkRow = try preparedLinkRow()
        defer { linkRow.reset() }
        linkRow.bind(1, Int64(slot))
        guard try linkRow.step() else { throw corrupt(index.schema.links, slot, "the row is missing") }
        let blob = linkRow.blob(0)
        guard let start = blob.baseAddress else { throw corrupt(index.schema.links, slot, "empty links") }
        if let fault = linkLayout.fault(start, count: blob.count, slot: slot, slots: state.slots) {
            throw corrupt(index.schema.links, slot, fault)
        }
        return try body(blob)
    }

    private func keep(
        _ kind: BlockKind, _ slot: Slot, copying blob: UnsafeRawBufferPointer, size: Int
    ) -> UnsafeMutableRawPointer {
        if pin.generation != 0, let shared = cache.publish(kind, slot, copying: blob, version: rowVersion) { return shared }
        return keepApart(kind, slot, copying: blob, size: size)
    }

    /// A block of the view's own, which holds the whole blob.
    private func keepApart(
        _ kind: BlockKind, _ slot: Slot, copying blob: UnsafeRawBufferPointer, size: Int
    ) -> UnsafeMutableRawPointer {
        let block = Block.allocate(size)
        UnsafeMutableRawBufferPointer(start: block + kind.blobOffset, count: blob.count).copyMemory(from: blob)
        let directory = own ?? SlotDirectory()
        directory.store(kind, slot, block)
        if own == nil { own = directory }
        return block
    }

    /// A slot that the table of ids names.
    func checkedSlot(_ number: Int64, of id: Int64) throws -> Slot {
        guard (0..<Int64(state.slots)).contains(number) else {
            throw corrupt(index.schema.ids, nil, "id \(id) in slot \(number) of \(state.slots)")
        }
        return Slot(number)
    }

    func corrupt(_ table: String, _ slot: Slot?, _ reason: String) -> VectorIndexError {
        .corrupt(table: table, slot: slot.map { Int64($0) }, reason: reason)
    }

    // MARK: Changing (only with a session)

    /// The node's links, as a copy that may be changed and will be written.
    func changeLinks(_ slot: Slot, on level: Int, in session: WriteSession) throws -> WholeLinks {
        let whole = try wholeLinks(slot)
        try check(whole.links, slot, on: level)
        session.markChanged(.links, slot, whole.block)
        return whole
    }

    /// Puts a new node into `slot`, without edges.
    func makeNode(_ slot: Slot, id: Int64, _ vector: StoredVector, level: Int, in session: WriteSession) {
        let code = Block.allocate(codeLayout.blockSize)
        codeLayout.write(id: id, vector, slot: slot, to: code)
        put(.code, slot, code, in: session)
        let links = WholeLinks(block: Block.allocate(linkLayout.blockSize(topLevel: level)), layout: linkLayout)
        links.initialize(topLevel: level)
        put(.links, slot, links.block, in: session)
    }

    /// Overwrites a node with the marks of a free slot.
    func freeNode(_ slot: Slot, in session: WriteSession) {
        let code = Block.allocate(codeLayout.blockSize)
        codeLayout.writeFree(slot: slot, to: code)
        put(.code, slot, code, in: session)
        let links = WholeLinks(block: Block.allocate(linkLayout.blockSize(topLevel: 0)), layout: linkLayout)
        links.initialize(topLevel: 0, free: true)
        put(.links, slot, links.block, in: session)
    }

    private func put(_ kind: BlockKind, _ slot: Slot, _ block: UnsafeMutableRawPointer, in session: WriteSession) {
        session.put(kind, slot, block)
        session.markChanged(kind, slot, block)
    }

    /// Writes every change and the index's row.
    func flush(_ session: WriteSession) throws {
        let writeCode = try RowStatement(db, "INSERT OR REPLACE INTO \(index.schema.codes) (slot, code) VALUES (?, ?)")
        let writeLinks = try RowStatement(db, "INSERT OR REPLACE INTO \(index.schema.links) (slot, links) VALUES (?, ?)")
        for (kind, slot) in session.dirty.sorted(by: { ($0.kind.rawValue, $0.slot) < ($1.kind.rawValue, $1.slot) }) {
            guard let block = session.overlay.load(kind, slot) else { continue }
            let row = kind == .code ? writeCode : writeLinks
            row.bind(1, Int64(slot))
            switch kind {
            case .code: row.bind(2, codeLayout.blob(block))
            case .fine: continue
            case .links:
                let links = WholeLinks(block: block, layout: linkLayout)
                links.seal(slot)
                row.bind(2, links.blob)
            }
            try row.run()
        }
        state.version = session.nextVersion
        try state.write(index, in: db)
        session.flushed(as: state.version)
    }
}
