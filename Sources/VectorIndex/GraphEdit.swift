/// Changes of edges that keep both ends in step: an edge a → b is known at b, as an out-edge back or as an in-edge.
struct GraphEdit {
    let view: GraphView
    let session: WriteSession
    let selection: NeighborSelection

    init(view: GraphView, session: WriteSession) {
        self.view = view
        self.session = session
        selection = NeighborSelection(view: view)
    }

    // MARK: Linking a new node

    /// Gives `node` its out-edges to `chosen`, and asks each of them for an edge back.
    func connect(_ node: Slot, to chosen: [Slot], on level: Int) throws {
        let out = try view.changeLinks(node, on: level, in: session).out(level)
        for other in chosen { out.append(other) }
        for other in chosen { try answer(from: other, to: node, on: level) }
    }

    /// `node` has got an edge to `owner`: the owner points back if that edge is among its best.
    private func answer(from owner: Slot, to node: Slot, on level: Int) throws {
        let out = try view.changeLinks(owner, on: level, in: session).out(level)
        guard out.isFull else { return out.append(node) }
        let ranked = try selection.rank(Array(out.all) + [node], for: owner)
        var kept = level == 0 ? try treeNeighbors(of: owner) : []
        let protected = Set(kept)
        try selection.select(
            from: ranked.lazy.filter { !protected.contains($0.slot) }, for: owner, into: &kept, limit: out.capacity)
        let keptSet = Set(kept)
        for other in Array(out.all) where !keptSet.contains(other) { try cut(owner, other, on: level) }
        if keptSet.contains(node) {
            out.append(node)
        } else {
            try noteIn(node, at: owner, on: level)
        }
    }

    // MARK: Single edges

    /// Removes the edge a → b.
    func cut(_ a: Slot, _ b: Slot, on level: Int) throws {
        let from = try view.changeLinks(a, on: level, in: session)
        guard from.out(level).remove(b) else { return }
        if try view.links(b, on: level).out(level).contains(a) {
            try noteIn(b, at: a, on: level)
        } else {
            let to = try view.changeLinks(b, on: level, in: session)
            to.inOnly(level).remove(a)
        }
    }

    /// Adds the edge a → b, if there is room and it is new.
    func add(_ a: Slot, _ b: Slot, on level: Int) throws {
        let from = try view.changeLinks(a, on: level, in: session)
        guard a != b, !from.out(level).isFull, !from.out(level).contains(b) else { return }
        from.out(level).append(b)
        if try view.links(b, on: level).out(level).contains(a) {
            from.inOnly(level).remove(b)
        } else {
            try noteIn(a, at: b, on: level)
        }
    }

    /// Lists `from` among those that point at `owner`. When the room is full, the edge of the node least like the
    /// owner is given up, so that no node is pointed at by more than it can list.
    private func noteIn(_ from: Slot, at owner: Slot, on level: Int) throws {
        let incoming = try view.changeLinks(owner, on: level, in: session).inOnly(level)
        guard incoming.isFull else { return incoming.append(from) }
        let ranked = try selection.rank(Array(incoming.all) + [from], for: owner)
        let worst = try ranked.last { try view.links($0.slot, on: level).out(level).count > 1 } ?? ranked[ranked.count - 1]
        try view.changeLinks(worst.slot, on: level, in: session).out(level).remove(owner)
        if worst.slot != from {
            incoming.remove(worst.slot)
            incoming.append(from)
        }
    }

    // MARK: Removing a node

    /// Takes `node` out of a level; those that pointed at it are linked among its neighbours instead.
    func disconnect(_ node: Slot, on level: Int) throws {
        let links = try view.wholeLinks(node)
        let targets = Array(links.out(level).all)
        var sources = Array(links.inOnly(level).all)
        for target in targets where try view.links(target, on: level).out(level).contains(node) { sources.append(target) }
        let around = Set(targets).union(sources).sorted()
        let orphans = level == 0 ? try orphans(of: node) : nil
        try detach(node, targets: targets, sources: sources, on: level)
        if let orphans { try adopt(orphans, among: around) }
        for source in sources.sorted() {
            let out = try view.links(source, on: level).out(level)
            var kept = Array(out.all)
            let known = Set(kept)
            let ranked = try selection.rank(around.filter { $0 != source && !known.contains($0) }, for: source)
            try selection.select(from: ranked, for: source, into: &kept, limit: out.capacity)
            for other in kept.dropFirst(known.count) { try add(source, other, on: level) }
        }
    }

    private func detach(_ node: Slot, targets: [Slot], sources: [Slot], on level: Int) throws {
        for source in sources { try view.changeLinks(source, on: level, in: session).out(level).remove(node) }
        for target in targets { try view.changeLinks(target, on: level, in: session).inOnly(level).remove(node) }
        let own = try view.changeLinks(node, on: level, in: session)
        own.out(level).countPlace.pointee = 0
        own.inOnly(level).countPlace.pointee = 0
    }
}
