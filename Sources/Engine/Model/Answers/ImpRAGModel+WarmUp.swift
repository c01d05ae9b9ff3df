public import Core

extension ImpRAGModel {
    /// Reads a made-up prompt and, with all layers, answers it over made-up passages, so that pages are mapped and
    /// kernels chosen before the first client has to wait for that.
    public func warmUp(_ layers: LlamaModel.Layers) throws(ImpRAGError) {
        let text = String(repeating: "Which river flows through it? ", count: 4)
        // Few: a model may want tens of thousands, and the node should be ready soon.
        let room = (configuration.maxPositions - 64) / max(1, configuration.maxPassageTokens)
        let k = layers == .all ? min(configuration.topK, 8, max(0, room)) : 0
        let tokens = Array(try promptTokens(text).prefix(32))
        guard let state = try promptStates([PromptRequest(tokens: tokens, k: k)]).first, layers == .all else { return }
        let passages = (0..<k).map { Passage(id: "\($0)", title: "", text: text) }
        let answer = try answer(
            from: state, passages: passages, encoding: configuration.passageEncoding,
            sampling: try Sampling(maxTokens: 2))
        while try answer.next() != nil {}
    }
}
