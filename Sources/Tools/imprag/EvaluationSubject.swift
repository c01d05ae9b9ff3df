import Client
import Core
import Indexing
import Model
import Storage
import Wire

/// The system that `imprag eval` measures: it finds passages and answers.
protocol EvaluationSubject: Sendable {
    /// Up to `count` passages, best first.
    func passages(for prompt: String, count: Int) async throws -> [ScoredPassage]

    func answer(_ prompt: String) async throws -> EvaluatedAnswer
}

/// What came back for a prompt.
struct EvaluatedAnswer {
    /// Empty when it was refused.
    var text: String { abstention == nil ? tokens.map(\.text).joined() : "" }
    /// With the attention of each where it was asked for.
    var tokens: [AnswerToken] = []
    /// As many as the largest of `recallCutoffs`, best first.
    var passages: [ScoredPassage] = []
    /// Those that the model read.
    var read: [ScoredPassage] = []
    /// The attention mass of each of them.
    var attention: [Float] = []
    var abstention: Abstention?
    var notice = ""
    /// What it was made with; nil when the cluster does not say.
    var making: Making?

    struct Making {
        let fingerprint: Fingerprint
        /// Empty where it is not known.
        let collection: String
        let k: Int
        let encoding: PassageEncoding
    }
}

/// The k at which recall of questions is measured.
let recallCutoffs = [1, 5, 10]

struct ClusterSubject: EvaluationSubject {
    let client: ClusterClient
    let k: Int?
    let maxTokens: Int
    let options: SearchOptions
    let words: WordsOptions
    let milliseconds: Int
    let encoding: PassageEncoding?
    /// Nil: the coordinator's policy.
    let abstains: Bool?
    /// Whether each token says how much of its attention went to which passage.
    let measuresTokens: Bool

    func passages(for prompt: String, count: Int) async throws -> [ScoredPassage] {
        let request = SearchRequest(prompt: prompt, k: count, options: options, words: words)
        return try await client.search(request, deadline: .after(milliseconds: milliseconds)).passages
    }

    func answer(_ prompt: String) async throws -> EvaluatedAnswer {
        let deadline = Deadline.after(milliseconds: milliseconds)
        var found = EvaluatedAnswer()
        if k != 0 {
            let request = SearchRequest(prompt: prompt, k: recallCutoffs.max(), options: options, words: words)
            found.passages = try await client.search(request, deadline: deadline).passages
        }
        var sampling = SamplingOptions()
        sampling.maxTokens = maxTokens
        let request = AskRequest(
            prompt: prompt, k: k, encoding: encoding, sampling: sampling, omitPassageText: true, options: options,
            words: words, measuresTokens: measuresTokens, abstains: abstains)
        for try await event in try client.ask(request, deadline: deadline) {
            switch event {
            case .sources(let sources): found.read = sources.passages
            case .token(let token): found.tokens.append(token)
            case .done(let done):
                (found.attention, found.abstention) = (done.passageAttention, done.abstention)
                found.notice = done.abstainNotice
                found.making = done.record.map {
                    EvaluatedAnswer.Making(
                        fingerprint: $0.fingerprint, collection: $0.collectionID, k: $0.k, encoding: $0.encoding)
                }
            }
        }
        return found
    }
}

struct LocalSubject: EvaluationSubject {
    private let model: ImpRAGModel
    private let search: LocalSearch
    private let k: Int
    private let sampling: Sampling
    private let words: WordsOptions
    private let encoding: PassageEncoding
    private let collection: String
    /// Nil when every question gets an answer.
    private let rule: AbstainRule?
    private let measuresTokens: Bool

    /// - Parameter answers: whether it is to answer; finding passages needs the bottom layers alone.
    init(_ arguments: Arguments, k: Int?, maxTokens: Int, words: WordsOptions, answers: Bool) throws {
        self.words = words
        measuresTokens = arguments.has("trec-rag")
        model = try loadModel(arguments, layers: answers ? .all : .bottom)
        let index = try IndexDirectory(path: arguments.required("index"), expecting: model.fingerprint)
        search = try LocalSearch(index)
        self.k = k ?? model.configuration.topK
        encoding =
            try arguments.choice("encoding", as: PassageEncoding.self) ?? model.configuration.passageEncoding
        collection = index.manifest.collection
        rule =
            arguments.has("abstain")
            ? AbstainRule(
                words: words.mode, encoding: encoding, k: self.k, known: index.manifest.certainty ?? [],
                fingerprint: model.fingerprint) : nil
        sampling = try Sampling(maxTokens: maxTokens)
    }

    func passages(for prompt: String, count: Int) async throws -> [ScoredPassage] {
        try find(try model.embed(queries: [prompt]), prompt, count)
    }

    func answer(_ prompt: String) async throws -> EvaluatedAnswer {
        let state = try model.promptStates([PromptRequest(tokens: try model.promptTokens(prompt), k: k)])[0]
        let wanted = k == 0 ? 0 : max(k, recallCutoffs.max() ?? 0)
        var found = EvaluatedAnswer()
        found.passages = try wanted == 0 ? [] : find(state.queryEmbedding, prompt, wanted)
        found.read = Array(found.passages.prefix(k))
        found.making = EvaluatedAnswer.Making(
            fingerprint: model.fingerprint, collection: collection, k: k, encoding: encoding)
        found.notice = rule?.notice ?? ""
        found.abstention = rule?.before(found.read, missing: [])
        guard found.abstention == nil else { return found }
        let answer = try model.answer(
            from: state, passages: found.read.map(\.passage), encoding: encoding, sampling: sampling,
            measuresTokens: measuresTokens)
        while let step = try answer.next() { found.tokens.append(step) }
        found.attention = answer.passageAttention
        found.abstention = rule?.after(attention: found.attention)
        return found
    }

    private func find(_ embedding: [Float], _ prompt: String, _ count: Int) throws -> [ScoredPassage] {
        try search.search(
            embedding, text: Question.words(ofPrompt: prompt), words: words, k: count,
            deadline: .after(milliseconds: 600_000))
    }
}
