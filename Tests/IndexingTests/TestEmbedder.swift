import Core
import Indexing
import Synchronization
import TestSupport

/// Vectors from a hash of the passage and of its neighbours in the call: it shows when a batch is not the same again.
final class TestEmbedder: PassageEmbedder {
    let fingerprint: Fingerprint
    let dimension: Int
    private let promptCalls = Mutex<[String]>([])
    private let calls = Mutex<(passages: [String], count: Int)>(([], 0))
    private let failing: ClosedRange<Int>
    private let cutting: String?

    /// - Parameters:
    ///   - failingAfter: calls that work before every further one fails.
    ///   - failingOnlyAt: the number of a call that fails, from 1; nil for none.
    ///   - cutting: passages that begin so count as longer than what the model reads.
    init(
        _ byte: UInt8 = 1, dimension: Int = 24, failingAfter: Int = .max, failingOnlyAt: Int? = nil,
        cutting: String? = nil
    ) throws {
        guard let fingerprint = Fingerprint(bytes: [UInt8](repeating: byte, count: 32)) else {
            throw ImpRAGError(.internal, "not 32 bytes")
        }
        self.fingerprint = fingerprint
        self.dimension = dimension
        self.cutting = cutting
        failing = failingOnlyAt.map { $0...$0 } ?? (failingAfter == .max ? Int.max : failingAfter + 1)...Int.max
    }

    /// All prompts embedded so far, in order.
    var prompts: [String] { promptCalls.withLock { $0 } }

    /// Ids of all passages embedded so far, in order.
    var embedded: [String] { calls.withLock { $0.passages } }

    func cutCount(of passages: [Passage]) throws(ImpRAGError) -> Int {
        passages.count { passage in cutting.map { passage.text.hasPrefix($0) } ?? false }
    }

    func embed(prompts: [String]) throws(ImpRAGError) -> [Float] {
        promptCalls.withLock { $0 += prompts }
        var generator = SeededGenerator(seed: UInt64(prompts.count))
        return (0..<(prompts.count * dimension)).map { _ in Float.random(in: -1...1, using: &generator) }
    }

    func embed(_ passages: [Passage]) throws(ImpRAGError) -> [Float] {
        let works = calls.withLock { calls in
            calls.count += 1
            guard !failing.contains(calls.count) else { return false }
            calls.passages += passages.map(\.id)
            return true
        }
        guard works else { throw ImpRAGError(.unavailable, "the test embedder stops here") }
        return Self.vectors(of: passages, dimension: dimension)
    }

    static func vectors(of passages: [Passage], dimension: Int = 24) -> [Float] {
        var seed: UInt64 = 1
        for byte in passages.flatMap({ Array($0.content.utf8) }) { seed = (seed ^ UInt64(byte)) &* 0x100_0000_01B3 }
        var generator = SeededGenerator(seed: seed)
        return (0..<(passages.count * dimension)).map { _ in Float.random(in: -1...1, using: &generator) }
    }
}
