/// What a node says to the process that started it: one line each on standard output. Everything else is on standard
/// error.
public enum NodeAnnouncement: Hashable, Sendable, CustomStringConvertible {
    /// `ready NAME ENDPOINT`: it listens and serves.
    case ready(node: String, endpoint: String)
    /// `complete NAME`: a coordinator has spoken to every shard and generator, and all of them fit.
    case complete(node: String)

    public var description: String {
        switch self {
        case .ready(let node, let endpoint): "ready \(node) \(endpoint)"
        case .complete(let node): "complete \(node)"
        }
    }

    /// Nil for any other line.
    public init?(line: String) {
        let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        switch (words.first, words.count) {
        case ("ready", 3...): self = .ready(node: words[1], endpoint: words[2...].joined(separator: " "))
        case ("complete", 2): self = .complete(node: words[1])
        default: return nil
        }
    }
}
