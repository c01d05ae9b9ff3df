public import Core
public import Model

/// The bottom layers, as the coordinator needs them. The real one is `ImpRAGModel`; tests bring their own.
public protocol PromptEncoder: Sendable {
    var fingerprint: Fingerprint { get }
    var limits: PromptLimits { get }

    /// BOS and the prompt's ids.
    func tokens(ofPrompt prompt: String) throws(ImpRAGError) -> [Int32]

    /// Runs prompts through layers 0…b−1 together. Blocks until it is done.
    func states(of prompts: [PromptRequest]) throws(ImpRAGError) -> [PromptState]

    /// The embeddings of passages, `[passages.count × keyWidth]`, in the order given, each cut to the model's
    /// `max_passage_tokens` as at indexing. Blocks until it is done; other threads may run prompts beside it.
    func embed(passages: [Passage]) throws(ImpRAGError) -> [Float]

    /// How many of the passages `embed` cuts.
    func cutCount(of passages: [Passage]) throws(ImpRAGError) -> Int
}

/// What the model decides about requests.
public struct PromptLimits: Sendable {
    /// k of a request that does not say.
    public var topK: Int
    public var maxPassageTokens: Int
    /// Positions that the model was made for.
    public var maxPositions: Int
    /// Encoding of a request that does not say.
    public var encoding: PassageEncoding
    public var handover: HandoverShape

    public init(
        topK: Int, maxPassageTokens: Int, maxPositions: Int, encoding: PassageEncoding, handover: HandoverShape
    ) {
        self.topK = topK
        self.maxPassageTokens = maxPassageTokens
        self.maxPositions = maxPositions
        self.encoding = encoding
        self.handover = handover
    }

    /// Bytes of the prompt state that one prompt token makes: hidden state, keys and values, float32 at most.
    var stateBytesPerToken: Int { 4 * (handover.hiddenSize + 2 * handover.bottomBoundary * handover.keyWidth) }
}

extension ImpRAGModel: PromptEncoder {
    public var limits: PromptLimits {
        PromptLimits(
            topK: configuration.topK, maxPassageTokens: configuration.maxPassageTokens,
            maxPositions: configuration.maxPositions, encoding: configuration.passageEncoding,
            handover: HandoverShape(configuration))
    }

    public func cutCount(of passages: [Passage]) throws(ImpRAGError) -> Int {
        var count = 0
        for passage in passages where try isCut(passage) { count += 1 }
        return count
    }

    public func tokens(ofPrompt prompt: String) throws(ImpRAGError) -> [Int32] {
        try promptTokens(prompt)
    }

    public func states(of prompts: [PromptRequest]) throws(ImpRAGError) -> [PromptState] {
        try promptStates(prompts)
    }
}
