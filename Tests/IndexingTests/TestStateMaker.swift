import Core
import Indexing
import Platform
import Storage
import Synchronization

/// States that are a hash of the passage and of the codebooks, 1000 bytes each; vectors as `TestEmbedder` has them.
final class TestStateMaker: PassageStateMaker {
    static let stateBytes = 1000

    let form: IndexManifest.States
    let needsCodebooks: Bool
    private let failingAfter: Int
    private let calls = Mutex<(trained: [[String]], computed: [String])>(([], []))

    /// - Parameter failingAfter: passages after which no further call works.
    init(_ codec: String = "int8", needsCodebooks: Bool = false, failingAfter: Int = .max) {
        form = IndexManifest.States(codec: codec, keepsHalf: false)
        self.needsCodebooks = needsCodebooks
        self.failingAfter = failingAfter
    }

    /// Ids of all passages whose states were computed, in order.
    var computed: [String] { calls.withLock { $0.computed } }
    /// Ids of the passages of each training.
    var trained: [[String]] { calls.withLock { $0.trained } }

    func trainCodebooks(on passages: [Passage]) throws(ImpRAGError) -> [UInt8] {
        calls.withLock { $0.trained.append(passages.map(\.id)) }
        return Array("books".utf8)
    }

    func encoder(codebooks: [UInt8]?) throws(ImpRAGError) -> any PassageStateEncoder {
        guard !needsCodebooks || codebooks == Array("books".utf8) else {
            throw ImpRAGError(.dataLoss, "no codebooks")
        }
        return Encoder(maker: self)
    }

    static func key(of passage: Passage, codec: String) -> StateKey? {
        StateKey(bytes: hash("key \(codec) \(passage.content)"))
    }

    static func state(of passage: Passage, codec: String) -> [UInt8] {
        let bytes = hash("state \(codec) \(passage.content)")
        return (0..<stateBytes).map { bytes[$0 % bytes.count] }
    }

    private static func hash(_ text: String) -> [UInt8] {
        var hash = SHA256()
        hash.update(Array(text.utf8))
        return hash.finish()
    }

    private struct Encoder: PassageStateEncoder {
        let maker: TestStateMaker

        func keys(of passages: [Passage]) throws(ImpRAGError) -> [StateKey] {
            passages.compactMap { TestStateMaker.key(of: $0, codec: maker.form.codec) }
        }

        func read(
            _ passages: [Passage], _ take: (Int, [UInt8]) throws(ImpRAGError) -> Void
        ) throws(ImpRAGError) -> [Float] {
            let works = maker.calls.withLock { calls in
                guard calls.computed.count < maker.failingAfter else { return false }
                calls.computed += passages.map(\.id)
                return true
            }
            guard works else { throw ImpRAGError(.unavailable, "the test maker stops here") }
            for (place, passage) in passages.enumerated() {
                try take(place, TestStateMaker.state(of: passage, codec: maker.form.codec))
            }
            return TestEmbedder.vectors(of: passages)
        }
    }
}
