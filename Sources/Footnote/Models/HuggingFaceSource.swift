import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Files of a Hugging Face repository.
struct HuggingFaceSource {
    let repository: String
    let revision: String

    var description: String { "Hugging Face repository \(repository)" }

    /// Downloads a file; what an interrupted download left is continued.
    /// - Parameter progress: called with bytes so far and in all, where that is known.
    /// - Throws: `SourceFailure`.
    func fetch(
        _ name: String, to target: URL, progress: @escaping @Sendable (Int64, Int64?) -> Void
    ) async throws {
        guard let path = name.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed),
            let url = URL(string: "https://huggingface.co/\(repository)/resolve/\(revision)/\(path)")
        else { throw SourceFailure(reason: "\(name) is no name of a file") }
        let part = target.appendingPathExtension("part")
        try await FileDownload(url: url, file: part, progress: progress).run()
        do {
            if FileManager.default.fileExists(atPath: target.path) { try FileManager.default.removeItem(at: target) }
            try FileManager.default.moveItem(at: part, to: target)
        } catch {
            throw SourceFailure(reason: "the file cannot be stored: \(error)")
        }
    }

    /// Names of the files of the repository.
    func files() async throws -> [String] {
        struct Listing: Decodable {
            struct File: Decodable { var rfilename: String }
            var siblings: [File]
        }
        guard let url = URL(string: "https://huggingface.co/api/models/\(repository)/revision/\(revision)") else {
            throw SourceFailure(reason: "\(repository) is no name of a repository")
        }
        do {
            let (data, response) = try await URLSession.shared.data(from: url)
            guard (response as? HTTPURLResponse)?.statusCode == 200 else {
                throw SourceFailure(reason: "the server has no such repository")
            }
            return try JSONDecoder().decode(Listing.self, from: data).siblings.map(\.rfilename)
        } catch let failure as SourceFailure {
            throw failure
        } catch {
            throw SourceFailure(reason: error.localizedDescription)
        }
    }
}
