public import Foundation

/// Why a manifest cannot be replayed.
public enum ManifestError: Error, Sendable, Equatable, CustomStringConvertible {
    case unreadable(path: String, reason: String)
    case tooLarge(path: String, bytes: Int, limit: Int)
    /// No JSON, or not the layout of a manifest.
    case notAManifest(path: String, reason: String)
    case unknownVersion(path: String, found: Int, supported: Int)
    /// A value that no answer was ever asked with.
    case invalid(path: String, field: String, reason: String)

    public var description: String {
        switch self {
        case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
        case .tooLarge(let path, let bytes, let limit):
            "\(path) has \(bytes) bytes, and a manifest at most \(limit); it is something else"
        case .notAManifest(let path, let reason):
            "\(path) is not a manifest of an answer: \(reason); `footnote ask --manifest FILE` writes one"
        case .unknownVersion(let path, let found, let supported):
            "\(path) has version \(found) of the manifest's layout, and this Footnote reads \(supported); use the Footnote that wrote it"
        case .invalid(let path, let field, let reason): "\(path): \(field) \(reason); the file was damaged or edited"
        }
    }
}

extension AnswerManifest {
    /// Most bytes of a manifest's file.
    public static let maximumBytes = 16 << 20

    /// Reads a manifest from a file.
    /// - Throws: `ManifestError`.
    public init(contentsOf url: URL) throws(ManifestError) {
        let data: Data
        do {
            // A pipe or a device has no length of its own: no more than the limit is read.
            let handle = try FileHandle(forReadingFrom: url)
            defer { try? handle.close() }
            data = try handle.read(upToCount: Self.maximumBytes + 1) ?? Data()
        } catch {
            throw .unreadable(path: url.path, reason: error.localizedDescription)
        }
        try self.init(data, path: url.path)
    }

    /// - Parameter path: named in errors.
    public init(_ data: Data, path: String) throws(ManifestError) {
        guard data.count <= Self.maximumBytes else {
            throw .tooLarge(path: path, bytes: data.count, limit: Self.maximumBytes)
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            // The version decides whether the rest can be understood.
            let version = try decoder.decode(Version.self, from: data).format
            guard version == Self.currentFormat else {
                throw ManifestError.unknownVersion(path: path, found: version, supported: Self.currentFormat)
            }
            self = try decoder.decode(AnswerManifest.self, from: data)
        } catch let error as ManifestError {
            throw error
        } catch {
            throw .notAManifest(path: path, reason: Self.reason(error))
        }
        try check(path)
    }

    private struct Version: Decodable { var format: Int }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        func place(_ context: DecodingError.Context) -> String { context.codingPath.map(\.stringValue).joined(separator: ".") }
        switch error {
        case .keyNotFound(let key, let context): return "\(key.stringValue) is missing" + (context.codingPath.isEmpty ? "" : " in " + place(context))
        case .typeMismatch(_, let context), .valueNotFound(_, let context): return "\(place(context)) has another type"
        default: return "it cannot be read as JSON"
        }
    }

    /// Limits far above what answers are asked with, so that a file from elsewhere can ask for no unbounded work.
    private func check(_ path: String) throws(ManifestError) {
        func demand(_ holds: Bool, _ field: String, _ reason: String) throws(ManifestError) {
            guard holds else { throw .invalid(path: path, field: field, reason: reason) }
        }
        try demand(!question.isEmpty && question.utf8.count <= 1 << 16, "question", "is empty or longer than 64 KiB")
        try demand(1...10_000 ~= options.limit, "options.limit", "must lie between 1 and 10000")
        try demand(1...100_000 ~= options.candidates, "options.candidates", "must lie between 1 and 100000")
        try demand(1...1_000_000 ~= options.contextTokens, "options.context_tokens", "must lie between 1 and 1000000")
        try demand(1...100_000 ~= options.maximumTokens, "options.maximum_tokens", "must lie between 1 and 100000")
        try demand(options.minimumScore.isFinite, "options.minimum_score", "must be a number")
        try demand(0...1 ~= options.minimumEvidence, "options.minimum_evidence", "must lie between 0 and 1")
        try demand(options.history.count <= 10_000, "options.history", "has more than 10000 messages")
        let filter = options.filter
        try demand(filter.paths.count + filter.collections.count + filter.metadata.count <= 1000, "options.filter", "has more than 1000 entries")
        let sampling = options.sampling
        try demand(0...1000 ~= sampling.temperature, "options.sampling.temperature", "must lie between 0 and 1000")
        try demand(sampling.topK >= 0 && 0...1 ~= sampling.topP && 0...1 ~= sampling.minP, "options.sampling", "has shares outside 0 to 1")
        try demand(sampling.repetitionPenalty > 0 && sampling.repetitionPenalty.isFinite, "options.sampling.repetition_penalty", "must be above 0")
        try demand(0...1_000_000 ~= sampling.repetitionWindow, "options.sampling.repetition_window", "must lie between 0 and 1000000")
    }
}
