public import Core
import Kernels
import Synchronization

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
        run(tokens.map { ($0.session, [$0.token]) })
    }

    /// Feeds each session its next token and, behind it, tokens that may follow (`DecodingSession.advance`), all in one
    /// pass. Each session is there once, and all tokens have been checked.
    func run(_ tokens: [(session: DecodingSession, tokens: [Int32])]) {
        guard let output = weights.output else { return }
        var batch = Batch()
        for (session, tokens) in tokens { session.join(&batch, tokens: tokens.count) }
        var mass = PassageMass(batch, self)
        let start = ContinuousClock().now
        workspaces.with { space in
            begin(batch, in: &space)
            for ((_, tokens), sequence) in zip(tokens, batch.sequences) {
                embed(tokens, at: sequence.rows.lowerBound, in: &space)
            }
            for layer in 0..<configuration.layerCount {
                run(layer, &batch, in: &space)
                mass.add(space.mass)
            }
            logits(output, rows: batch.rows, in: &space)
            for (((session, tokens), sequence), attention) in zip(zip(tokens, batch.sequences), mass.shares) {
                session.joined(
                    Array(tokens.prefix(sequence.finiteTokens)), row: sequence.rows.lowerBound,
                    stride: output.head.stride, attention: attention, of: space)
            }
        }
        batch.finish()
        let time = (ContinuousClock().now - start) / .seconds(1)
        let (rows, proposed) = (batch.rows, batch.rows - tokens.count)
        proposals.withLock { $0.measured(time, rows: rows, proposed: proposed) }
    }
}
