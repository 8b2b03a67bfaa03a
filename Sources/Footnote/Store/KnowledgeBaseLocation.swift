public import Foundation

/// Where a knowledge base lies and what its paths are relative to.
///
/// `folder/.footnote/knowledge.sqlite` belongs to `folder`; a database file of any other name belongs to the
/// folder it lies in. Documents below that root are stored with relative paths, so that folder and knowledge
/// base can be moved together; documents elsewhere are stored with absolute paths.
public struct KnowledgeBaseLocation: Hashable, Sendable {
    /// Name of the folder that holds a project's knowledge base.
    public static let folderName = ".footnote"
    /// Name of the database file in it.
    public static let fileName = "knowledge.sqlite"

    public let database: URL
    public let root: URL

    /// - Parameter url: a database file, a `.footnote` folder, or the folder that contains or will contain one.
    ///   A path that does not exist is a folder when it ends in a slash, and a database file otherwise.
    public init(_ url: URL) {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
        let resolved = Self.resolved(url)
        if resolved.lastPathComponent == Self.folderName {
            database = resolved.appendingPathComponent(Self.fileName, isDirectory: false)
            root = resolved.deletingLastPathComponent()
        } else if exists ? isFolder.boolValue : url.hasDirectoryPath {
            let folder = resolved.appendingPathComponent(Self.folderName, isDirectory: true)
            database = folder.appendingPathComponent(Self.fileName, isDirectory: false)
            root = resolved
        } else {
            database = resolved
            let folder = resolved.deletingLastPathComponent()
            root = folder.lastPathComponent == Self.folderName ? folder.deletingLastPathComponent() : folder
        }
    }

    /// Where prompts are kept that the language model has read.
    var promptFolder: URL { Self.promptFolder(besideDatabase: database.path) }

    static func promptFolder(besideDatabase path: String) -> URL {
        URL(fileURLWithPath: path + "-prompts", isDirectory: true)
    }

    /// The knowledge base named by `$FOOTNOTE_DB`, else the nearest `.footnote/knowledge.sqlite` upward.
    public static func find(
        from folder: URL, environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> KnowledgeBaseLocation? {
        if let path = environment["FOOTNOTE_DB"], !path.isEmpty {
            return KnowledgeBaseLocation(URL(fileURLWithPath: path, relativeTo: folder))
        }
        var folder = resolved(folder)
        while true {
            let candidate = KnowledgeBaseLocation(folder.appendingPathComponent(folderName, isDirectory: true))
            if FileManager.default.fileExists(atPath: candidate.database.path) { return candidate }
            let parent = folder.deletingLastPathComponent()
            if parent.path == folder.path { return nil }
            folder = parent
        }
    }

    /// Path as it is stored: relative below the root, absolute elsewhere.
    package func storedPath(of file: URL) -> String {
        storedPath(ofResolved: file.standardizedFileURL.path)
    }

    /// The same for an absolute path without `..` and symbolic links.
    func storedPath(ofResolved path: String) -> String {
        let prefix = root.path.hasSuffix("/") ? root.path : root.path + "/"
        return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : path
    }

    /// The file of a stored path.
    package func file(ofStoredPath path: String) -> URL {
        path.hasPrefix("/") ? URL(fileURLWithPath: path) : root.appendingPathComponent(path, isDirectory: false)
    }

    /// Absolute path with symbolic links of existing folders resolved, so that one file has one path.
    package static func resolved(_ url: URL) -> URL {
        let absolute = url.absoluteURL.standardizedFileURL
        if let path = realPath(absolute.path) { return URL(fileURLWithPath: path) }
        let parent = absolute.deletingLastPathComponent()
        if parent.path == absolute.path { return absolute }
        return resolved(parent).appendingPathComponent(absolute.lastPathComponent)
    }

    private static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(validatingCString: resolved)
    }
}
