public import Core
internal import Messaging
internal import Wire

/// Embedded texts, in the order given.
public struct Embeddings: Sendable {
    /// `[texts × dimension]`, not normalised.
    public let vectors: [Float]
    public let dimension: Int
    /// Of each text, how many tokens the model has read.
    public let tokenCounts: [Int]
    /// Of each text, whether it is a passage that has more tokens than the model reads: its vector does not cover its
    /// end.
    public let cuts: [Bool]
    /// The model that they are of.
    public let fingerprint: Fingerprint

    /// The vector of the text at `place`.
    public func vector(_ place: Int) -> ArraySlice<Float> { vectors[place * dimension..<(place + 1) * dimension] }

    /// Throws `failedPrecondition` for a reply that is not one for `count` texts.
    init(_ reply: IncomingReply, of count: Int) throws(ImpRAGError) {
        guard case .embed(let embedded) = reply.body else { throw ClusterClient.unexpected(reply, for: "embed") }
        guard embedded.tokenCounts.count == count, reply.tensors.count == 1, let fingerprint = reply.fingerprint else {
            throw Self.malformed(reply)
        }
        do throws(ImpRAGError) {
            vectors = try reply.tensors[0].floats("embeddings", shape: [count, nil])
        } catch {
            throw Self.malformed(reply, cause: error)
        }
        dimension = vectors.count / max(1, count)
        tokenCounts = embedded.tokenCounts
        cuts = embedded.cuts
        self.fingerprint = fingerprint
    }

    private static func malformed(_ reply: IncomingReply, cause: ImpRAGError? = nil) -> ImpRAGError {
        ImpRAGError(
            .failedPrecondition,
            "\(reply.node.isEmpty ? "the peer" : reply.node) answered embed with something else than one vector for each text",
            cause: cause)
    }
}
