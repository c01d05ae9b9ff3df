import Cluster
import Core
import Messaging
import Model
import Storage
import Synchronization
import VectorIndex
import Wire

@testable import Coordinator
@testable import Generator
@testable import Shard

/// Stand-ins for a model and its index: small, with answers that are easy to predict.
enum StandIn {
    static let fingerprint = Fingerprint(bytes: [UInt8](repeating: 1, count: 32))
    static let shape = RequestShape(
        hiddenSize: 1, bottomBoundary: 1, keyWidth: 2, vocabularySize: 256, maxPassageTokens: 10, maxPositions: 1000,
        topK: 3, encoding: .segmented)

    /// A passage's vector, independent of its text, so that updates change no ranking.
    static func vector(of id: String) -> [Float] {
        let hash = PartitionRouting.hash(of: id)
        return [Float(hash & 0xFF), Float((hash >> 8) & 0xFF)]
    }

    /// E_q of a prompt.
    static func query(_ tokens: [Int32]) -> [Float] {
        let sum = tokens.reduce(0) { $0 &+ Int($1) }
        return [Float(1 + sum % 7), Float(1 + sum % 5)]
    }

    static func tokens(of prompt: String) -> [Int32] { [1] + prompt.utf8.map { Int32($0) } }

    /// A passage that may be found.
    struct Row {
        let id: String
        let vector: [Float]

        init(_ id: String) {
            self.id = id
            vector = StandIn.vector(of: id)
        }
    }

    /// What a search over all of `rows` finds, best first.
    static func best(
        _ k: Int, of rows: [Row], for query: ArraySlice<Float>
    ) -> [(id: String, score: Float)] {
        let (first, second) = (query[query.startIndex], query[query.startIndex + 1])
        var best: [(id: String, score: Float)] = []
        for row in rows {
            let score = row.vector[0] * first + row.vector[1] * second
            // Few, so insertion from the end is fine.
            var place = best.count
            while place > 0, (best[place - 1].score, row.id) < (score, best[place - 1].id) { place -= 1 }
            guard place < k else { continue }
            best.insert((row.id, score), at: place)
            if best.count > k { best.removeLast() }
        }
        return best
    }

    /// A generator's answer to a prompt over passages: their ids and texts, and what it received of the prompt.
    static func answer(_ passages: [Passage], tokens: [Int32]) -> [String] {
        passages.map { "\($0.id)=\($0.text);" } + ["sum \(tokens.reduce(0, +))"]
    }
}

/// The bottom layers.
struct StandInEncoder: PromptEncoder {
    let fingerprint: Fingerprint
    var shape: RequestShape { StandIn.shape }

    func tokens(ofPrompt prompt: String) throws(ImpRAGError) -> [Int32] { StandIn.tokens(of: prompt) }

    /// The contents, each after its role.
    func tokens(ofChat messages: [ChatMessage]) throws(ImpRAGError) -> [Int32] {
        try tokens(ofPrompt: messages.map { "\($0.role): \($0.content)\n" }.joined())
    }

    func states(of prompts: [PromptRequest]) throws(ImpRAGError) -> [PromptState] {
        prompts.map { prompt in
            let zeros = CacheNumbers.f32([Float](repeating: 0, count: prompt.tokens.count * shape.keyWidth))
            return PromptState(
                tokens: prompt.tokens, requestedPassages: prompt.k, hidden: prompt.tokens.map { Float($0) },
                keys: zeros, values: zeros, queryEmbedding: StandIn.query(prompt.tokens))
        }
    }

    func tokens(ofPassage text: String) throws(ImpRAGError) -> (tokens: [Int32], isCut: Bool) {
        (StandIn.tokens(of: text), false)
    }

    func embed(_ sequences: [[Int32]], as role: EmbeddingRole) throws(ImpRAGError) -> [Float] {
        sequences.flatMap { StandIn.query($0) }
    }

    func embed(passages: [Passage]) throws(ImpRAGError) -> [Float] {
        passages.flatMap { StandIn.vector(of: $0.id) }
    }

    func cutCount(of passages: [Passage]) throws(ImpRAGError) -> Int { 0 }
}

/// All layers.
struct StandInEngine: AnswerEngine {
    let fingerprint: Fingerprint
    var shape: RequestShape { StandIn.shape }

    func begin(
        from state: PromptState, passages: [Passage], sequences: [PassageSequence]?, encoding: PassageEncoding,
        sampling: Sampling, resuming tokens: [Int32], states: (any PassageStateSource)?,
        speculates: Bool, measuresTokens: Bool
    ) throws(ImpRAGError) -> any AnswerSource {
        StandInAnswer(
            texts: StandIn.answer(passages, tokens: state.hidden.map { Int32($0) }), maxTokens: sampling.maxTokens,
            passageCount: passages.count, resumed: tokens.count)
    }

    func step(_ answers: [any AnswerSource], spareRows: Int) -> [Result<AnswerToken?, ImpRAGError>] {
        answers.map { .success(($0 as? StandInAnswer)?.step()) }
    }
}

final class StandInAnswer: AnswerSource {
    let passageAttention: [Float]
    private(set) var tokenCount = 0
    private(set) var end: AnswerEnd?
    private(set) var unreadTokens = 300
    private let texts: [String]
    private let maxTokens: Int

    init(texts: [String], maxTokens: Int, passageCount: Int, resumed: Int) {
        self.texts = texts
        tokenCount = resumed
        self.maxTokens = maxTokens
        passageAttention = [Float](repeating: 1, count: passageCount)
    }

    var isAhead: Bool { false }
    var proposedTokens: Int { 0 }
    var acceptedTokens: Int { 0 }
    var isReading: Bool { unreadTokens > 0 }
    var nextBytes: Int { 10 * (tokenCount + 1) }
    var largestBytes: Int { 10 * (texts.count + 1) }
    var keptBytes: Int { 0 }

    func read(tokenLimit: Int) { unreadTokens -= min(tokenLimit, unreadTokens) }

    func suspend() { unreadTokens = 300 }

    func step() -> AnswerToken? {
        guard tokenCount < min(texts.count, maxTokens) else {
            end = tokenCount == texts.count ? .stop : .length
            return nil
        }
        defer { tokenCount += 1 }
        return AnswerToken(text: texts[tokenCount], token: Int32(tokenCount), logprob: -1)
    }
}

/// A partition's disk: its rows outlive the process that serves them.
// Sendable: see `World`.
final class SimulatedDisk: @unchecked Sendable {
    enum Health {
        case well
        /// Takes nothing until there is room again.
        case full
        /// A write fails, and nothing is written any more until a process opens it again.
        case broken
    }

    var health = Health.well
    /// A write has failed since it was opened.
    private var isClosed = false
    var texts: [String: String] = [:]
    /// Rows of all passages: updates change only texts.
    let rows: [StandIn.Row]
    let places: [String: Int]
    var epoch = 0

    init(_ ids: [String]) {
        rows = ids.map { StandIn.Row($0) }
        places = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
        for id in ids { texts[id] = "0" }
    }

    /// Repaired, as far as that is needed.
    func open() {
        isClosed = false
        if case .broken = health { health = .well }
    }

    /// Throws as a partition does when it is to write.
    func requireHealth() throws(ImpRAGError) {
        if isClosed { throw ImpRAGError(.failedPrecondition, "it takes no writes since one failed") }
        switch health {
        case .well: break
        case .full: throw ImpRAGError(.resourceExhausted, "the disk has 0 B left")
        case .broken:
            isClosed = true
            throw ImpRAGError(.unavailable, "it could not be written and takes no more writes")
        }
    }
}

/// A replica of a partition.
struct StandInPartition: SearchEngine {
    let fingerprint: Fingerprint
    let dimension = StandIn.shape.keyWidth
    let partition: Int
    let partitionCount: Int
    let disk: SimulatedDisk

    var count: Int { disk.texts.count }
    var epoch: Int { disk.epoch }
    var figures: EngineFigures { EngineFigures() }

    func search(
        _ queries: [Float], k: Int, options: SearchOptions, deadline: Deadline
    ) throws(ImpRAGError) -> [[Hit]] {
        stride(from: 0, to: queries.count, by: dimension).map { start in
            StandIn.best(k, of: disk.rows, for: queries[start..<start + dimension]).compactMap { hit in
                disk.places[hit.id].map { Hit(row: $0, score: hit.score) }
            }
        }
    }

    func passages(rows: [Int]) throws(ImpRAGError) -> [Passage?] {
        rows.map { row in
            let id = disk.rows[row].id
            return Passage(id: id, title: "", text: disk.texts[id] ?? "")
        }
    }

    func searchWords(
        _ text: String, count: Int, filter: Filter?, deadline: Deadline
    ) throws(ImpRAGError) -> ShardWords? { nil }

    func apply(_ changes: [LoggedChange], epoch: Int) throws(ImpRAGError) -> [Int: UpdateOutcome] {
        guard epoch == disk.epoch + 1 else {
            throw ImpRAGError(.internal, "epoch \(epoch) comes after \(disk.epoch)")
        }
        try disk.requireHealth()
        var outcomes: [Int: UpdateOutcome] = [:]
        for change in changes {
            var outcome = outcomes[change.update] ?? UpdateOutcome()
            switch change.change {
            case .upsert(let passage, _):
                if disk.texts.updateValue(passage.text, forKey: passage.id) == nil {
                    outcome.inserted += 1
                } else {
                    outcome.replaced += 1
                }
            case .delete(let id): outcome.deleted += disk.texts.removeValue(forKey: id) == nil ? 0 : 1
            }
            outcomes[change.update] = outcome
        }
        disk.epoch = epoch
        return outcomes
    }

    func stop() {}
}
