#if canImport(Glibc)
import Foundation
import Testing

import Ingestion

@Suite struct FolderWatcherTests {
    @Test func changes() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("watch-\(UUID().uuidString)").resolvingSymlinksInPath()
        try FileManager.default.createDirectory(at: folder.appendingPathComponent("inner"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let watcher = FolderWatcher(roots: [folder.path], ignoring: [folder.appendingPathComponent("own.db").path])
        try #require(watcher.limitation == nil)
        #expect(!watcher.wait(seconds: 0))
        try Data("a".utf8).write(to: folder.appendingPathComponent("inner/a.md"))
        #expect(watcher.wait(seconds: 5))
        while watcher.wait(seconds: 0) {}
        // What begins with a full stop, and our own files, do not count.
        try Data("a".utf8).write(to: folder.appendingPathComponent("own.db-wal"))
        try Data("a".utf8).write(to: folder.appendingPathComponent(".hidden"))
        #expect(!watcher.wait(seconds: 0.2))
        // A folder that has come into being is watched after a refresh.
        try FileManager.default.createDirectory(at: folder.appendingPathComponent("new"), withIntermediateDirectories: true)
        #expect(watcher.wait(seconds: 5))
        watcher.refresh()
        while watcher.wait(seconds: 0) {}
        try Data("b".utf8).write(to: folder.appendingPathComponent("new/b.md"))
        #expect(watcher.wait(seconds: 5))
        while watcher.wait(seconds: 0) {}
        try FileManager.default.removeItem(at: folder.appendingPathComponent("inner/a.md"))
        #expect(watcher.wait(seconds: 5))
    }
}
#endif
