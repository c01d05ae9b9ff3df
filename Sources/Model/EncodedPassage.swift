import Foundation
import Kernels

/// Keys (after RoPE) and values of one passage, read by itself, in layers b…t. Immutable: requests share it.
public struct EncodedPassage: Sendable {
    let tokens: KeyValueTokens
    /// Tokens of the passage; `tokens` has fewer once it is pruned.
    public let tokenCount: Int
    /// What each token received from the others, where the reading measured it (`PassageReading`).
    let received: ReceivedAttention?

    init(tokens: KeyValueTokens, tokenCount: Int? = nil, received: ReceivedAttention? = nil) {
        self.tokens = tokens
        self.tokenCount = tokenCount ?? tokens.count
        self.received = received
    }

    /// Tokens whose states are kept: all, or half of them.
    public var keptTokenCount: Int { tokens.count }
    /// Bytes in memory.
    public var byteCount: Int { tokens.byteCount }

    /// The places of `count` tokens in one layer and key head, ascending: the first, and those that receive most attention, the
    /// earlier of equal ones.
    func heaviest(_ count: Int, layer: Int, keyHead: Int) -> [Int] {
        guard count < tokens.count else { return Array(0..<tokens.count) }
        guard let received else { preconditionFailure("the passage was read without measuring its attention") }
        let weights = received.weights(layer: layer, keyHead: keyHead)
        let variant = unsafe getenv("PRUNE").map { unsafe String(cString: $0) } ?? "raw"
        let n = tokens.count
        let score: [Double] = weights.enumerated().map { (place, w) in
            switch variant {
            case "mean": return Double(w) / Double(n - place)
            case "root": return Double(w) / Double(n - place).squareRoot()
            case "recent": return Double(place)
            case "h2o": return place >= n - count / 2 ? 1e30 + Double(place) : Double(w)
            case "random": return Double((place &* 2654435761) % 1009)
            default: return Double(w)
            }
        }
        let order = (1..<tokens.count).sorted { (score[$1], $0) < (score[$0], $1) }
        return ([0] + order.prefix(count - 1)).sorted()
    }
}
