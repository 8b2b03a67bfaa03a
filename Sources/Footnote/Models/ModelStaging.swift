import Foundation

/// A hidden folder within the model folder where files wait until they are whole and checked.
///
/// It lies on the same file system, so that moving a file into place is one step.
struct ModelStaging {
    let store: ModelStore
    let folder: URL

    /// - Parameter name: of what is staged: an interrupted download finds what it had.
    init(store: ModelStore, name: String) throws {
        self.store = store
        folder = store.folder.appendingPathComponent(".staging-\(name.replacingOccurrences(of: "/", with: "--"))")
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw ModelError.fileSystem(path: folder.path, reason: "the folder cannot be made: \(error)")
        }
    }

    func file(_ name: String) -> URL { folder.appendingPathComponent(name) }

    /// Checks the files against their digests and moves the model into place.
    func install(_ entry: ModelCatalogueEntry) throws {
        for file in entry.files {
            let found = try SHA256Digest.hexadecimal(ofFile: self.file(file.name))
            guard found == file.digest else {
                try? FileManager.default.removeItem(at: self.file(file.name))
                throw ModelError.digestMismatch(file: file.name, expected: file.digest, found: found)
            }
        }
        if let name = entry.folder {
            let complete = folder.appendingPathComponent(".model")
            try? FileManager.default.removeItem(at: complete)
            try move {
                try FileManager.default.createDirectory(at: complete, withIntermediateDirectories: true)
                for file in entry.files {
                    try FileManager.default.moveItem(
                        at: self.file(file.name), to: complete.appendingPathComponent(file.name))
                }
            }
            try place(complete, as: name)
        } else {
            for file in entry.files { try place(self.file(file.name), as: file.name) }
        }
        remove()
    }

    /// Moves a file or folder to its final name; what was there is replaced.
    func place(_ staged: URL, as name: String) throws {
        let target = store.folder.appendingPathComponent(name)
        try move {
            if FileManager.default.fileExists(atPath: target.path) { try FileManager.default.removeItem(at: target) }
            try FileManager.default.moveItem(at: staged, to: target)
        }
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    private func move(_ body: () throws -> Void) throws {
        do {
            try body()
        } catch {
            throw ModelError.fileSystem(path: store.folder.path, reason: "a file cannot be moved into place: \(error)")
        }
    }
}
