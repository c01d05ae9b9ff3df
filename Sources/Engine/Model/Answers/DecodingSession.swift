public import Core
import Kernels

/// One answer being decoded, with its growing caches. Owned by one task at a time.
///
/// Prompt and tokens go in as chunks or all at once, in a batch with other sessions or alone: the logits have the same
/// bits.
public final class DecodingSession {
    /// Logits after the last token that went in, indexed by id, of the ids that can be said (`SayableTokens`); empty
    /// before the prompt is read.
    public private(set) var logits: [Float] = []
    /// Softmax weight of the last prompt token on each passage, in rank order (DESIGN, "Attention mass").
    public private(set) var passageAttention: [Float] = []
    /// The same of the last token that went in, which `logits` come from; empty unless `measuresTokens`.
    private(set) var tokenAttention: [Float] = []
    /// Whether the attention of the answer's tokens is measured too. Set before anything is computed.
    var measuresTokens = false

    private let model: LlamaModel
    private let prompt: PromptState
    private let firstPosition: Int
    /// Nil before they are there, and while suspended.
    private var passages: PassageState?
    /// Tokens of the answer that have gone in.
    private var answer: [Int32] = []
    /// Whether the residual stream behind `logits` overflowed float32.
    private var hasOverflowed = false
    /// What a pass computed behind proposed tokens, in their order, as long as they turn out right; not in the cache's
    /// count yet.
    private var ahead: [(token: Int32, result: Result)] = []
    /// Layers 0…N−1: the prompt's and the answer's own keys and values; nil while suspended.
    private var cache: KeyValueTokens?

    /// All sizes have been checked. Nothing is computed yet.
    init(_ model: LlamaModel, prompt: PromptState, firstPosition: Int) {
        self.model = model
        self.prompt = prompt
        self.firstPosition = firstPosition
        cache = KeyValueTokens(model.layout(0..<model.configuration.layerCount))
    }

    /// Takes the passages that prompt and answer attend to.
    ///
    /// - Throws: `invalidArgument` when there are more passages than the prompt left room for, or another model read
    ///   them.
    public func take(_ passages: PassageState) throws(ImpRAGError) {
        guard passages.tokenCounts.count <= prompt.requestedPassages else {
            throw ImpRAGError(
                .invalidArgument,
                "\(passages.tokenCounts.count) passages for a prompt that left room for \(prompt.requestedPassages)")
        }
        guard passages.layout == nil || passages.layout == model.layout(model.middle) else {
            throw ImpRAGError(.invalidArgument, "the passages were read by another model")
        }
        self.passages = passages
    }

    /// Takes the first tokens of an answer that was begun elsewhere; `readAhead` computes them after the prompt. Before
    /// anything else is computed.
    ///
    /// - Throws: what `check` throws.
    func resume(_ tokens: [Int32]) throws(ImpRAGError) {
        precondition(tokenCount == prompt.tokens.count && cacheBytes == 0, "an answer is resumed before it begins")
        guard !tokens.isEmpty else { return }
        try model.check(tokens, firstPosition: firstPosition + prompt.tokens.count, "the answer")
        answer = tokens
    }

    /// Tokens of prompt and answer that have gone in so far.
    public var tokenCount: Int { prompt.tokens.count + answer.count }

    /// Tokens that `readAhead` still has to compute: the prompt's, and those of an answer that was suspended.
    public var pendingTokens: Int { tokenCount - (cache?.count ?? 0) }

    /// Bytes of its caches now, without the passages.
    public var cacheBytes: Int { cache?.byteCount ?? 0 }

    /// Bytes of the prompt's state and of the logits, which stay while the caches are given back.
    public var keptBytes: Int {
        4 * prompt.hidden.count + logitBytes + prompt.keys.byteCount + prompt.values.byteCount
    }

    /// Bytes of one token's logits.
    var logitBytes: Int { 4 * model.configuration.vocabularySize }

    /// Bytes of caches for `tokens` tokens of prompt and answer.
    public func cacheBytes(tokens: Int) -> Int {
        model.layout(0..<model.configuration.layerCount).byteCount(tokens: tokens)
    }

    /// Frees the caches; `readAhead` computes them again, bit for bit.
    public func suspend() {
        cache = nil
        ahead = []
    }

    /// Releases the passages; `take` must bring them back before anything else is computed.
    public func leavePassages() {
        passages = nil
    }

    /// Prefills a chunk of what is pending: at most `tokenLimit` tokens, at least one. False when nothing was pending.
    @discardableResult public func readAhead(tokenLimit: Int) -> Bool {
        guard let passages else { preconditionFailure("a prompt is read after its passages were taken") }
        let cache = cache ?? KeyValueTokens(model.layout(0..<model.configuration.layerCount))
        self.cache = cache
        let promptCount = prompt.tokens.count
        let first = cache.count
        guard first < tokenCount else { return false }
        let limit = max(1, min(tokenLimit, Batch.rowLimit))
        // Prompt and answer begin at different layers.
        let count = min(limit, (first < promptCount ? promptCount : tokenCount) - first)
        var batch = Batch()
        batch.add(
            count: count, caches: [cache], context: passages.context,
            rotation: model.rotary.rotation(at: firstPosition + first, count: count),
            measured: first + count == promptCount || measuresTokens && first + count == tokenCount ? 1 : 0)
        var mass = PassageMass(batch, model)
        model.workspaces.with { space in
            model.begin(batch, in: &space)
            let isPrompt = first < promptCount
            if isPrompt {
                takePrompt(first..<first + count, into: &space, cache)
            } else {
                model.embed(answer[first - promptCount..<first - promptCount + count], in: &space)
            }
            let layers = (isPrompt ? model.configuration.bottomBoundary : 0)..<model.configuration.layerCount
            for layer in layers {
                model.run(layer, &batch, for: layer + 1 == layers.upperBound ? .lastRows : .rows, in: &space)
                mass.add(space.mass)
            }
            let attention = mass.shares[0].first ?? []
            if first + count == promptCount { passageAttention = attention }
            guard first + count == tokenCount, let output = model.weights.output else { return }
            model.logits(output, rows: 1, in: &space)
            take(result(row: 0, stride: output.head.stride, of: space, attention: measuresTokens ? attention : []))
        }
        batch.finish()
        return true
    }

    /// The natural logarithm of the probability that `token` comes next, among the ids that can be said.
    ///
    /// - Throws: `failedPrecondition` when the model's numbers overflowed.
    func logProbability(of token: Int32) throws(ImpRAGError) -> Float {
        let logprob = Kernels.logProbability(of: Int(token), in: logits)
        guard logprob.isFinite, !hasOverflowed else { throw model.overflow("the logits after \(tokenCount) tokens") }
        return logprob
    }

    /// Feeds one token and updates `logits`.
    ///
    /// - Throws: `resourceExhausted` beyond the model's context, `invalidArgument` for an unknown id; the session then
    ///   stays as it was.
    public func append(_ token: Int32) throws(ImpRAGError) {
        try model.append([(self, token)])
    }

    /// Throws what `append` would.
    public func check(_ token: Int32) throws(ImpRAGError) { try check([token]) }

    /// Throws what `append` would for any of them in turn.
    func check(_ tokens: [Int32]) throws(ImpRAGError) {
        try model.check(tokens, firstPosition: firstPosition + tokenCount, "the answer")
    }

    /// Whether `advance` knows what comes behind `token`.
    func isAhead(of token: Int32) -> Bool { ahead.first?.token == token }

    /// Goes on with `token` without a pass, if an earlier one has computed what comes behind it; otherwise forgets what
    /// that one computed.
    func advance(_ token: Int32) -> Bool {
        guard let next = ahead.first, next.token == token, let cache else {
            ahead = []
            return false
        }
        ahead.removeFirst()
        cache.advance(by: 1)
        answer.append(token)
        take(next.result)
        return true
    }

    /// The session's place in a batch: its next token, and behind it proposed ones.
    func join(_ batch: inout Batch, tokens count: Int) {
        while readAhead(tokenLimit: .max) {}
        guard let cache, let passages else { return }
        batch.add(
            count: count, proposed: count - 1, caches: [cache], context: passages.context,
            rotation: model.rotary.rotation(at: firstPosition + tokenCount, count: count),
            measured: measuresTokens ? count : 0)
    }

    /// Takes what the batch computed after each of `tokens`, from row `row` on: its next token, and proposals.
    ///
    /// - Parameter attention: that of each row, in order; empty unless it was measured.
    func joined(_ tokens: [Int32], row: Int, stride: Int, attention: [[Float]], of space: Workspace) {
        answer.append(tokens[0])
        let results = tokens.indices.map { place in
            result(
                row: row + place, stride: stride, of: space, attention: attention.isEmpty ? [] : attention[place])
        }
        take(results[0])
        ahead = zip(tokens, results).dropFirst().map { ($0, $1) }
    }

    /// What a pass computes after one token.
    private struct Result {
        let logits: [Float]
        let hasOverflowed: Bool
        let attention: [Float]
    }

    private func take(_ result: Result) {
        logits = result.logits
        hasOverflowed = result.hasOverflowed
        tokenAttention = result.attention
    }

    private func result(row: Int, stride: Int, of space: Workspace, attention: [Float]) -> Result {
        Result(
            logits: model.sayable.logits(space.logits[(row * stride)...]),
            hasOverflowed: model.overflows(row, in: space),
            attention: attention)
    }

    /// x ← the hidden states of some prompt tokens, `[tokens × D]`; their keys and values of layers 0…b−1 join the
    /// cache.
    private func takePrompt(_ tokens: Range<Int>, into space: inout Workspace, _ cache: KeyValueTokens) {
        let width = model.configuration.hiddenSize
        space.residual.rows.replaceSubrange(
            ..<(tokens.count * width), with: prompt.hidden[tokens.lowerBound * width..<tokens.upperBound * width])
        let keyWidth = model.configuration.embeddingDimension
        for layer in 0..<model.configuration.bottomBoundary {
            let first = (layer * prompt.tokens.count + tokens.lowerBound) * keyWidth
            cache.keep(keys: prompt.keys, values: prompt.values, from: first, tokens: tokens.count, layer: layer)
        }
    }
}
