public import Core
public import Model
import Platform

/// The bottom layers, as the coordinator needs them. The real one is `ImpRAGModel`; tests bring their own.
public protocol PromptEncoder: Sendable {
    var fingerprint: Fingerprint { get }
    var shape: RequestShape { get }

    /// BOS and the prompt's ids.
    func tokens(ofPrompt prompt: String) throws(ImpRAGError) -> [Int32]

    /// The ids of a chat in the model's template, which the assistant is to go on with; BOS is the first. Throws
    /// `failedPrecondition` when that template cannot be used.
    func tokens(ofChat messages: [ChatMessage]) throws(ImpRAGError) -> [Int32]

    /// BOS and the ids of what a passage says, cut as at indexing; and whether that leaves out its end.
    func tokens(ofPassage text: String) throws(ImpRAGError) -> (tokens: [Int32], isCut: Bool)

    /// The embeddings of sequences, `[sequences.count × keyWidth]`, in the order given. Blocks until done.
    func embed(_ sequences: [[Int32]], as role: EmbeddingRole) throws(ImpRAGError) -> [Float]

    /// Runs prompts through layers 0…b−1 as one batch. Blocks until done.
    func states(of prompts: [PromptRequest]) throws(ImpRAGError) -> [PromptState]

    /// The embeddings of passages, `[passages.count × keyWidth]`, in the order given, each cut to the model's
    /// `max_passage_tokens` as at indexing. Blocks until done; other threads may run prompts meanwhile.
    func embed(passages: [Passage]) throws(ImpRAGError) -> [Float]

    /// How many of the passages `embed` cuts.
    func cutCount(of passages: [Passage]) throws(ImpRAGError) -> Int
}

extension ImpRAGModel: PromptEncoder {
    public var shape: RequestShape { RequestShape(configuration) }

    public func cutCount(of passages: [Passage]) throws(ImpRAGError) -> Int {
        var count = 0
        for passage in passages where try isCut(passage) { count += 1 }
        return count
    }

    public func tokens(ofPrompt prompt: String) throws(ImpRAGError) -> [Int32] {
        try promptTokens(prompt)
    }

    public func tokens(ofChat messages: [ChatMessage]) throws(ImpRAGError) -> [Int32] {
        try chatTokens(messages, at: .now)
    }

    public func tokens(ofPassage text: String) throws(ImpRAGError) -> (tokens: [Int32], isCut: Bool) {
        let passage = Passage(id: "", title: "", text: text)
        return (try passageTokens(passage), try isCut(passage))
    }

    public func embed(_ sequences: [[Int32]], as role: EmbeddingRole) throws(ImpRAGError) -> [Float] {
        switch role {
        case .query: try model.embedQueries(sequences)
        case .passage: try model.embedPassages(sequences)
        }
    }

    public func states(of prompts: [PromptRequest]) throws(ImpRAGError) -> [PromptState] {
        try promptStates(prompts)
    }
}
