import Footnote
import Foundation

/// The file that `ask --manifest` writes.
enum ManifestOutput {
    /// - Throws: `CommandFailure` when the file cannot be written.
    static func write(_ answer: Answer, to path: String) throws {
        guard let manifest = answer.manifest else { throw CommandFailure("the answer has no manifest") }
        let url = URL(fileURLWithPath: path, relativeTo: BaseOptions.workingDirectory)
        do {
            try Data(manifest.encoded()).write(to: url, options: .atomic)
        } catch {
            throw CommandFailure(
                "cannot write the manifest to \(url.path): \(error.localizedDescription)",
                advice: "The answer above stands; name a file in a folder that can be written.")
        }
    }
}
