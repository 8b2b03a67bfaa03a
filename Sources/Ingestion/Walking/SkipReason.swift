/// Why a file or folder is left out on purpose.
package enum SkipReason: Sendable, Hashable, CustomStringConvertible {
    case hidden
    /// `rule` as written, `source` the ignore file it stands in.
    case ignored(rule: String, source: String)
    /// No include pattern matches, or an exclude pattern does.
    case notSelected
    /// What the file is: "a PNG image".
    case binary(String)
    /// "a socket", "a device".
    case notRegular(String)
    case linkOutside(target: String)
    case linkLoop(target: String)
    case linkToNothing
    /// The file behind a link is indexed under its own path.
    case linkToKnown(target: String)
    /// The root was already walked as part of another.
    case duplicateRoot
    /// A file within a file that is left out, and why.
    case member(String)

    package var description: String {
        switch self {
        case .hidden: "hidden"
        case .ignored(let rule, let source): "ignored by \"\(rule)\" in \(source)"
        case .notSelected: "not selected by the given patterns"
        case .binary(let kind): "not text: \(kind)"
        case .notRegular(let kind): "not a regular file: \(kind)"
        case .linkOutside(let target): "a link out of the folder, to \(target)"
        case .linkLoop(let target): "a link that loops back to \(target)"
        case .linkToNothing: "a link to nothing"
        case .linkToKnown(let target): "a link to \(target), which is read there"
        case .duplicateRoot: "already read as part of another path"
        case .member(let reason): reason
        }
    }
}
