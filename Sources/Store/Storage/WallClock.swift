internal import Foundation

/// The time of day, for what people ask by it. Nothing is decided by comparing it between machines.
public enum WallClock {
    /// Milliseconds since 1970.
    @Sendable public static func milliseconds() -> Int { Int(Date().timeIntervalSince1970 * 1000) }
}
