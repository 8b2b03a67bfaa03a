/// A spanning tree of level 0, so that every vector can be reached from every other.
///
/// Choosing edges by how well they spread (algorithm 4 of arXiv 1603.09320) promises nothing about reach: among equal or
/// nearly equal vectors, such as licence headers, lists fill with one another and whole groups fall out of the graph. Here
/// every node but the root names a parent, the two point at each other, and these edges are never given up. A node has at
/// most half of its edges in the tree; the rest are chosen freely.
extension GraphEdit {
    private var treeDegreeLimit: Int { view.linkLayout.capacity(0) / 2 }

    /// Nodes that are bound to this one, its parent among them.
    func treeNeighbors(of slot: Slot) throws -> [Slot] {
        let node = try view.links(slot, on: 0)
        return try node.out(0).all.filter { try node.parent == $0 || view.links($0, on: 0).parent == slot }
    }

    /// Makes the first node of a graph the root of the tree.
    func plant(_ root: Slot) throws {
        try view.changeLinks(root, on: 0, in: session).parent = root
    }

    /// Binds a node that is not in the tree to the one most like it that has room, among `hosts`, which are in the
    /// tree and ranked for it, and what is reached from them.
    func attach(_ node: Slot, near hosts: [Candidate]) throws {
        for host in hosts where try hasRoom(host.slot) { return try bind(node, to: host.slot) }
        var open = hosts
        var seen = Set(open.map(\.slot))
        // Leaves always have room, and every branch ends in one.
        while let next = open.indices.min(by: { open[$0] < open[$1] }) {
            let host = open.remove(at: next).slot
            if try hasRoom(host) { return try bind(node, to: host) }
            open += try selection.rank(treeNeighbors(of: host).filter { seen.insert($0).inserted }, for: node)
        }
        throw view.corrupt(view.index.schema.links, node, "no node has room for it")
    }

    private func hasRoom(_ slot: Slot) throws -> Bool { try treeNeighbors(of: slot).count < treeDegreeLimit }

    private func bind(_ node: Slot, to parent: Slot) throws {
        try view.changeLinks(node, on: 0, in: session).parent = parent
        for (a, b) in [(node, parent), (parent, node)] {
            let links = try view.changeLinks(a, on: 0, in: session)
            if !links.out(0).contains(b) {
                if links.out(0).isFull { try giveUpWorst(of: a) }
                links.out(0).append(b)
            }
        }
        for (a, b) in [(node, parent), (parent, node)] {
            try view.changeLinks(a, on: 0, in: session).inOnly(0).remove(b)
        }
    }

    private func giveUpWorst(of slot: Slot) throws {
        let bound = Set(try treeNeighbors(of: slot))
        let free = try view.links(slot, on: 0).out(0).all.filter { !bound.contains($0) }
        if let worst = try selection.rank(free, for: slot).last { try cut(slot, worst.slot, on: 0) }
    }

    /// What falls apart when a node goes: branches whose parent it was, and where the rest of the tree is.
    struct Orphans {
        /// Roots of the branches.
        let branches: [Slot]
        /// A node of the rest, nil when there is none.
        let stem: Slot?
    }

    func orphans(of node: Slot) throws -> Orphans {
        let branches = try view.links(node, on: 0).out(0).all.filter { try view.links($0, on: 0).parent == node }
        for branch in branches { try view.changeLinks(branch, on: 0, in: session).parent = NodeLinks.noParent }
        let parent = try view.links(node, on: 0).parent
        return Orphans(branches: branches, stem: parent == node || parent == NodeLinks.noParent ? nil : parent)
    }

    /// Binds the branches to the rest again, each at its nearest node of `around` that is not in a branch itself.
    func adopt(_ orphans: Orphans, among around: [Slot]) throws {
        var branches = orphans.branches[...]
        guard let stem = orphans.stem ?? branches.popFirst() else { return }
        if orphans.stem == nil { try plant(stem) }
        for branch in branches {
            let ranked = try selection.rank(around.filter { $0 != branch }, for: branch)
            let nearest = try ranked.first { try isRooted($0.slot) }?.slot
            try attach(branch, near: selection.rank([nearest ?? stem], for: branch))
        }
    }

    /// Whether a node's ancestors end in the root and not in a branch that has come off.
    private func isRooted(_ slot: Slot) throws -> Bool {
        var current = slot
        for _ in 0...view.state.slots {
            let parent = try view.links(current, on: 0).parent
            if parent == current { return true }
            if parent == NodeLinks.noParent { return false }
            current = parent
        }
        throw view.corrupt(view.index.schema.links, slot, "its ancestors go round in a circle")
    }
}
