/// What a node tells the process that started it, one line each on standard output. Everything else goes to standard
/// error.
public enum NodeAnnouncement: Hashable, Sendable, CustomStringConvertible {
    /// `ready NAME ENDPOINT`: it listens and serves.
    case ready(node: String, endpoint: String)
    /// `complete NAME`: a coordinator has reached every shard and generator, and all run its model.
    case complete(node: String)
    /// `refused NAME REASON`: a coordinator has found a node that will never fit, because it runs another model.
    case refused(node: String, reason: String)

    public var description: String {
        switch self {
        case .ready(let node, let endpoint): "ready \(node) \(endpoint)"
        case .complete(let node): "complete \(node)"
        case .refused(let node, let reason): "refused \(node) \(reason)"
        }
    }

    /// Nil for any other line.
    public init?(line: String) {
        let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        switch (words.first, words.count) {
        case ("ready", 3...): self = .ready(node: words[1], endpoint: words[2...].joined(separator: " "))
        case ("refused", 3...): self = .refused(node: words[1], reason: words[2...].joined(separator: " "))
        case ("complete", 2): self = .complete(node: words[1])
        default: return nil
        }
    }
}
