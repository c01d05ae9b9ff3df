/// Lines of a corpus that were skipped: their number, and the first few reasons.
public struct BadLines: Sendable, Equatable, Codable {
    /// Reasons that are kept.
    public static let exampleLimit = 5

    public private(set) var count = 0
    /// The first messages, with file and line.
    public private(set) var examples: [String] = []

    /// - Parameter count: from an earlier run, whose reasons are not known any more.
    public init(count: Int = 0) {
        self.count = count
    }

    mutating func add(_ message: String) {
        count += 1
        if examples.count < Self.exampleLimit { examples.append(message) }
    }
}
