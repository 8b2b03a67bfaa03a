import Foundation

/// Points in time as the database and reports write them: `2025-01-31T12:00:00Z`.
enum Timestamp {
    static func now() -> String { Date.now.formatted(.iso8601) }
}
