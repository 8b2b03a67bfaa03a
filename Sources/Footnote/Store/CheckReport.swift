/// What `KnowledgeBase.check` found.
public struct CheckReport: Hashable, Sendable, Codable {
    public struct Item: Hashable, Sendable, Codable {
        /// What was looked at: `database integrity`.
        public var name: String
        /// Nothing when it is sound; else one sentence for each finding.
        public var findings: [String]

        public var isSound: Bool { findings.isEmpty }
    }

    public var items: [Item]

    public var isSound: Bool { items.allSatisfy(\.isSound) }
    /// Findings of all items.
    public var findings: [String] { items.flatMap(\.findings) }
}
