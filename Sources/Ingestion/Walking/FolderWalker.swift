/// What the walker says of one path.
package enum WalkItem: Sendable, Hashable {
    /// A regular file that would be indexed.
    case file(FoundFile)
    /// A file, link or whole folder that is left out.
    case skipped(BytePath, SkipReason)
    case failed(BytePath, IngestionError)

    package var path: BytePath {
        switch self {
        case .file(let file): file.path
        case .skipped(let path, _), .failed(let path, _): path
        }
    }
}

/// What the walker takes and leaves.
package struct WalkOptions: Sendable {
    /// Whether hidden files and folders are read; `.git` never is.
    package var includesHidden = false
    /// Whether `.gitignore` and `.footnoteignore` files are obeyed.
    package var obeysIgnoreFiles = true
    /// Patterns relative to each root.
    package var selection = GlobSelection()

    package init() {}
}

/// Finds the regular files below some paths, one at a time, in byte order of their names.
///
/// Every path is reported once: a file, or why it is left out; a folder that is left out is one report. Paths given by
/// the user are read even if they are hidden or ignored. Links are followed once, after everything else, if they lead to
/// something within their root that was not reached otherwise. Memory grows with the depth and the widest folder, and by
/// a few bytes for each file so that links and overlapping roots do not read it twice.
package struct FolderWalker: Sequence {
    package let roots: [BytePath]
    package let options: WalkOptions

    package init(_ roots: [BytePath], options: WalkOptions = WalkOptions()) {
        self.roots = roots
        self.options = options
    }

    package func makeIterator() -> Iterator { Iterator(self) }

    package struct Iterator: IteratorProtocol {
        private let walker: FolderWalker
        private var nextRoot = 0
        /// The resolved root that is being walked, with a final `/`.
        private var rootPrefix: [UInt8] = []
        private var stack: [OpenFolder] = []
        private var links: [(path: BytePath, ignores: IgnoreStack)] = []
        private var linksAreSorted = true
        /// Whether what is being walked was reached through a link.
        private var isBehindLink = false
        private var visited: Set<FileIdentity> = []

        /// A folder that is being read: names still to come, last first.
        private struct OpenFolder {
            var path: BytePath
            var names: [[UInt8]]
            var ignores: IgnoreStack
        }

        init(_ walker: FolderWalker) { self.walker = walker }

        package mutating func next() -> WalkItem? {
            while true {
                if !stack.isEmpty {
                    guard let name = stack[stack.count - 1].names.popLast() else {
                        stack.removeLast()
                        continue
                    }
                    let folder = stack[stack.count - 1]
                    if let item = visit(folder.path.appending(name), name: name, ignores: folder.ignores) { return item }
                } else if let link = nextLink() {
                    if let item = follow(link.path, ignores: link.ignores) { return item }
                } else if nextRoot < walker.roots.count {
                    nextRoot += 1
                    if let item = open(root: walker.roots[nextRoot - 1]) { return item }
                } else {
                    return nil
                }
            }
        }

        // MARK: Roots

        private mutating func open(root: BytePath) -> WalkItem? {
            isBehindLink = false
            guard let path = FileSystem.resolved(root) else {
                if case .failure(let error) = FileSystem.status(root, followsLinks: true) { return .failed(root, error) }
                return .failed(root, .vanished)
            }
            switch FileSystem.status(path, followsLinks: true) {
            case .failure(let error): return .failed(path, error)
            case .success(let status):
                guard !visited.contains(status.identity) else { return .skipped(path, .duplicateRoot) }
                switch status.kind {
                case .file:
                    visited.insert(status.identity)
                    return .file(FoundFile(path: path, stamp: status.stamp))
                case .folder:
                    rootPrefix = path.bytes.last == UInt8(ascii: "/") ? path.bytes : path.bytes + [UInt8(ascii: "/")]
                    return open(folder: path, status.identity, ignores: ignoresAbove(path))
                case .link: return .failed(path, .vanished)
                case .other(let kind): return .skipped(path, .notRegular(kind))
                }
            }
        }

        /// The ignore files between the top of the repository that holds the root, and the root.
        private func ignoresAbove(_ root: BytePath) -> IgnoreStack {
            var ignores = IgnoreStack()
            guard walker.options.obeysIgnoreFiles else { return ignores }
            let parts = root.bytes.split(separator: UInt8(ascii: "/")).map(Array.init)
            let folders = (0...parts.count).map { count in
                parts.prefix(count).reduce(BytePath("/")) { $0.appending($1) }
            }
            let git = Array(".git".utf8)
            guard let top = folders.lastIndex(where: { (try? FileSystem.status($0.appending(git), followsLinks: false).get()) != nil })
            else { return ignores }
            ignores.add(
                folders[top].appending(git).appending(Array("info/exclude".utf8)), for: folders[top], read: FileSystem.smallFile)
            for folder in folders[top..<(folders.count - 1)] { ignores.enter(folder, read: FileSystem.smallFile) }
            return ignores
        }

        // MARK: Entries

        private mutating func open(folder path: BytePath, _ identity: FileIdentity, ignores: IgnoreStack) -> WalkItem? {
            visited.insert(identity)
            switch FileSystem.names(in: path) {
            case .failure(let error): return .failed(path, error)
            case .success(let names):
                var ignores = ignores
                if walker.options.obeysIgnoreFiles { ignores.enter(path, read: FileSystem.smallFile) }
                stack.append(OpenFolder(path: path, names: names.reversed(), ignores: ignores))
                return nil
            }
        }

        private mutating func visit(_ path: BytePath, name: [UInt8], ignores: IgnoreStack) -> WalkItem? {
            switch FileSystem.status(path, followsLinks: false) {
            case .failure(let error): return .failed(path, error)
            case .success(let status):
                if let reason = reasonToSkip(path, name: name, isFolder: status.kind == .folder, ignores: ignores) { return .skipped(path, reason) }
                switch status.kind {
                case .link:
                    links.append((path, ignores))
                    linksAreSorted = false
                    return nil
                case .other(let kind): return .skipped(path, .notRegular(kind))
                case .file: return isBehindLink && visited.contains(status.identity) ? .skipped(path, .duplicateRoot) : take(path, status)
                case .folder:
                    return visited.contains(status.identity) ? .skipped(path, .duplicateRoot) : open(folder: path, status.identity, ignores: ignores)
                }
            }
        }

        private func reasonToSkip(_ path: BytePath, name: [UInt8], isFolder: Bool, ignores: IgnoreStack) -> SkipReason? {
            if name.first == UInt8(ascii: "."), !walker.options.includesHidden || name == Array(".git".utf8) { return .hidden }
            if let reason = ignores.reason(for: path, isFolder: isFolder) { return reason }
            return isFolder && walker.options.selection.excludes(folder: relative(path)) ? .notSelected : nil
        }

        private func relative(_ path: BytePath) -> ArraySlice<UInt8> {
            path.bytes.starts(with: rootPrefix) ? path.bytes[rootPrefix.count...] : path.bytes[...]
        }

        private mutating func take(_ path: BytePath, _ status: FileSystem.Status) -> WalkItem {
            guard walker.options.selection.selects(file: relative(path)) else { return .skipped(path, .notSelected) }
            visited.insert(status.identity)
            return .file(FoundFile(path: path, stamp: status.stamp))
        }

        // MARK: Links

        /// The first of the links that are left, in byte order.
        private mutating func nextLink() -> (path: BytePath, ignores: IgnoreStack)? {
            if !linksAreSorted {
                links.sort { $1.path.bytes.lexicographicallyPrecedes($0.path.bytes) }
                linksAreSorted = true
            }
            isBehindLink = true
            return links.popLast()
        }

        private mutating func follow(_ path: BytePath, ignores: IgnoreStack) -> WalkItem? {
            guard let target = FileSystem.resolved(path) else {
                guard case .failure(let error) = FileSystem.status(path, followsLinks: true), error != .vanished else { return .skipped(path, .linkToNothing) }
                return error == .permissionDenied ? .failed(path, error) : .skipped(path, .linkLoop(target: path.description))
            }
            guard (target.bytes + [UInt8(ascii: "/")]).starts(with: rootPrefix) else { return .skipped(path, .linkOutside(target: target.description)) }
            if (path.bytes).starts(with: target.bytes + [UInt8(ascii: "/")]) { return .skipped(path, .linkLoop(target: target.description)) }
            switch FileSystem.status(target, followsLinks: true) {
            case .failure(let error): return .failed(path, error)
            case .success(let status):
                guard !visited.contains(status.identity) else { return .skipped(path, .linkToKnown(target: target.description)) }
                switch status.kind {
                case .file: return take(path, status)
                case .folder: return open(folder: path, status.identity, ignores: ignores)
                case .link: return .failed(path, .vanished)
                case .other(let kind): return .skipped(path, .notRegular(kind))
                }
            }
        }
    }
}
