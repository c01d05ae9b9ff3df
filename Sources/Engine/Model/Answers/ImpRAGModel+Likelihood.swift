public import Core

extension ImpRAGModel {
    /// How probable each token after the first is, given those before it: natural logarithms, of the plain decoder (k =
    /// 0).
    ///
    /// The sequences go through the layers in one batch: pass a few dozen at once, of similar length.
    ///
    /// - Parameter sequences: ids with BOS.
    /// - Throws: `invalidArgument` for an empty sequence or an unknown id, `resourceExhausted` for one beyond the
    ///   context.
    public func logProbabilities(of sequences: [[Int32]]) throws(ImpRAGError) -> [[Float]] {
        for token in sequences.lazy.flatMap({ $0.dropFirst() }) where !model.sayable.contains(token) {
            throw ImpRAGError(.invalidArgument, "token \(token) is unknown; the tokenizer has no such id")
        }
        let states = try promptStates(sequences.map { PromptRequest(tokens: Array($0.prefix(1)), k: 0) })
        let nothing = try model.readPassages([], encoding: configuration.passageEncoding)
        var sessions: [DecodingSession] = []
        for state in states { sessions.append(try model.continueFrom(state, passages: nothing)) }
        var probabilities = [[Float]](repeating: [], count: sequences.count)
        for place in 1..<max(1, sequences.map(\.count).max() ?? 0) {
            var step: [(session: DecodingSession, token: Int32)] = []
            for (index, sequence) in sequences.enumerated() where place < sequence.count {
                probabilities[index].append(try sessions[index].logProbability(of: sequence[place]))
                if place + 1 < sequence.count { step.append((sessions[index], sequence[place])) }
            }
            if !step.isEmpty { try model.append(step) }
        }
        return probabilities
    }
}
