public import Core
import Kernels

extension LlamaModel {
    /// Feeds one token to each of several sessions, all in one pass, and updates their logits: the same as alone, bit
    /// for bit.
    ///
    /// - Throws: what `DecodingSession.append` throws for the first token that cannot go in, and `invalidArgument` for
    ///   a session that is there twice; no session has changed then.
    public func append(_ tokens: [(session: DecodingSession, token: Int32)]) throws(ImpRAGError) {
        guard Set(tokens.map { ObjectIdentifier($0.session) }).count == tokens.count else {
            throw ImpRAGError(.invalidArgument, "a session is in the pass twice; it takes one token at a time")
        }
        for (session, token) in tokens { try session.check(token) }
        guard let output = weights.output else { return }
        var batch = Batch()
        for (session, _) in tokens { session.join(&batch) }
        workspaces.with { space in
            begin(batch, in: &space)
            for (row, (_, token)) in tokens.enumerated() { embed(CollectionOfOne(token), at: row, in: &space) }
            for layer in 0..<configuration.layerCount { run(layer, &batch, in: &space) }
            logits(output, rows: batch.rows, in: &space)
            for (row, (session, token)) in tokens.enumerated() {
                session.joined(token, row: row, stride: output.head.stride, of: space)
            }
        }
        batch.finish()
    }
}
