package import Foundation

/// Keys and values of prompts in a folder, for the next process: a file for each, with the tokens, what made them, and the
/// documents that they come from, with which they are deleted.
///
/// Layout of a file, numbers little-endian: `FNKV` and a version (8 bytes); lengths of the header, and number of tokens (32
/// bits each); the header in JSON; the tokens (32 bits each); keys and values as `KVSnapshot` has them. A file of another
/// model, or one that is cut short, is as good as none.
package final class PrefixStore: Sendable {
    private struct Header: Codable {
        /// Whatever changes the numbers: weights, number format.
        var model: String
        var layers: Int
        var planes: Int
        var rowBytes: Int
        var documents: [Int64]
    }

    package let folder: URL
    /// Bytes of all files together at most; those used longest ago go first.
    package let budget: Int
    private let model: String

    private static let magic: [UInt8] = Array("FNKV".utf8) + [1, 0, 0, 0]
    private static let fileExtension = "kv"
    private static let largestHeader = 1 << 20
    private static let mostTokens = 1 << 24

    /// - Parameter model: what the keys and values were made with, such as a digest of the weights.
    package init(folder: URL, model: String, budget: Int) {
        self.folder = folder
        self.model = model
        self.budget = budget
    }

    /// A file for a prompt that is about to be read. It names its documents from the beginning: whoever deletes one of them
    /// meanwhile deletes the file, and what is written to it afterwards goes with it.
    package struct Reservation {
        let url: URL
        fileprivate let handle: FileHandle
        fileprivate let tokens: [Int32]
        fileprivate let documents: [Int64]
    }

    /// Nil where nothing can be written.
    package func reserve(_ tokens: [Int32], documents: [Int64]) -> Reservation? {
        let url = folder.appendingPathComponent("\(UUID().uuidString).\(Self.fileExtension)")
        let header = Header(model: model, layers: 0, planes: 0, rowBytes: 0, documents: documents)
        guard let data = Self.beginning(header, tokens: []),
            (try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)) != nil,
            (try? data.write(to: url, options: .atomic)) != nil, let handle = try? FileHandle(forUpdating: url)
        else { return nil }
        return Reservation(url: url, handle: handle, tokens: tokens, documents: documents)
    }

    /// Writes a prompt's keys and values. What cannot be written is not kept; nothing depends on it. Readers take a file
    /// that is not whole for none.
    package func save(_ snapshot: KVSnapshot, in place: Reservation) {
        let header = Header(
            model: model, layers: snapshot.layout.layers, planes: snapshot.layout.planes, rowBytes: snapshot.layout.rowBytes,
            documents: place.documents)
        guard snapshot.bytes.count <= budget, place.tokens.count == snapshot.count,
            var data = Self.beginning(header, tokens: place.tokens)
        else { return release(place) }
        data.append(contentsOf: UnsafeRawBufferPointer(snapshot.bytes))
        do {
            try place.handle.seek(toOffset: 0)
            try place.handle.write(contentsOf: data)
            try place.handle.close()
        } catch {
            return release(place)
        }
        shrink(keeping: place.url)
    }

    /// Gives up what was reserved.
    package func release(_ place: Reservation) {
        try? place.handle.close()
        try? FileManager.default.removeItem(at: place.url)
    }

    /// Everything before the keys and values.
    private static func beginning(_ header: Header, tokens: [Int32]) -> Data? {
        guard let json = try? JSONEncoder().encode(header) else { return nil }
        var data = Data(magic)
        for number in [UInt32(json.count), UInt32(tokens.count)] { withUnsafeBytes(of: number.littleEndian) { data.append(contentsOf: $0) } }
        data.append(json)
        for token in tokens { withUnsafeBytes(of: token.littleEndian) { data.append(contentsOf: $0) } }
        return data
    }

    /// The longest beginning of a prompt that is kept, if it is longer than `shortest` tokens.
    package func load(_ prompt: [Int32], longerThan shortest: Int) -> (tokens: [Int32], snapshot: KVSnapshot)? {
        var best: (file: StoredPrefix, common: Int)?
        for url in files() {
            guard let file = StoredPrefix(url), file.header?.model == model else { continue }
            let common = zip(file.tokens, prompt).prefix { $0 == $1 }.count
            if common > max(shortest, best?.common ?? 0) { best = (file, common) }
        }
        guard let found = best?.file, let snapshot = found.snapshot() else { return nil }
        try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: found.url.path)
        return (found.tokens, snapshot)
    }

    /// Deletes what comes from any of some documents, in a folder of whatever model, and what cannot be read.
    package static func remove(documents: Set<Int64>, in folder: URL) throws {
        for url in files(in: folder) {
            if let header = StoredPrefix(url)?.header, documents.isDisjoint(with: header.documents) { continue }
            try FileManager.default.removeItem(at: url)
        }
    }

    private func files() -> [URL] { Self.files(in: folder) }

    private static func files(in folder: URL) -> [URL] {
        let all = try? FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: [.contentModificationDateKey, .fileSizeKey])
        return (all ?? []).filter { $0.pathExtension == fileExtension }.sorted { $0.path < $1.path }
    }

    private func shrink(keeping new: URL) {
        var known = files().map { url in
            let values = try? url.resourceValues(forKeys: [.contentModificationDateKey, .fileSizeKey])
            return (url: url, size: values?.fileSize ?? 0, date: values?.contentModificationDate ?? .distantPast)
        }
        known.sort { $0.date < $1.date }
        var total = known.reduce(0) { $0 + $1.size }
        for file in known where total > budget && file.url.lastPathComponent != new.lastPathComponent {
            try? FileManager.default.removeItem(at: file.url)
            total -= file.size
        }
    }

    /// One file, mapped; nothing in it is believed before it has been compared with the file's size.
    private struct StoredPrefix {
        let url: URL
        let header: Header?
        let tokens: [Int32]
        private let data: Data
        private let start: Int

        init?(_ url: URL) {
            guard let data = try? Data(contentsOf: url, options: .mappedIfSafe), data.count >= 16,
                Array(data.prefix(8)) == PrefixStore.magic
            else { return nil }
            func number(_ at: Int) -> Int {
                Int(data.withUnsafeBytes { UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: at, as: UInt32.self)) })
            }
            let (headerBytes, count) = (number(8), number(12))
            guard headerBytes <= PrefixStore.largestHeader, count <= PrefixStore.mostTokens,
                data.count >= 16 + headerBytes + 4 * count
            else { return nil }
            self.url = url
            self.data = data
            header = try? JSONDecoder().decode(Header.self, from: data[16..<16 + headerBytes])
            start = 16 + headerBytes + 4 * count
            let first = 16 + headerBytes
            tokens = data.withUnsafeBytes { bytes in
                (0..<count).map { Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: first + 4 * $0, as: Int32.self)) }
            }
        }

        func snapshot() -> KVSnapshot? {
            guard let header, [header.layers, header.planes, header.rowBytes].allSatisfy({ (1...1 << 16).contains($0) }) else { return nil }
            let layout = KVLayout(layers: header.layers, planes: header.planes, rowBytes: header.rowBytes)
            let (size, overflow) = layout.positionBytes.multipliedReportingOverflow(by: tokens.count)
            guard !overflow, data.count == start + size else { return nil }
            let snapshot = KVSnapshot(layout: layout, count: tokens.count)
            data.withUnsafeBytes { snapshot.bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + size])) }
            return snapshot
        }
    }
}
