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

    /// The answer to `prompt` and the passages found for it, as many as the largest of `recallCutoffs`.
    func answer(_ prompt: String) async throws -> (answer: String, passages: [ScoredPassage])
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

    func passages(for prompt: String, count: Int) async throws -> [ScoredPassage] {
        let request = SearchRequest(prompt: prompt, k: count, options: options, words: words)
        return try await client.search(request, deadline: .after(milliseconds: milliseconds)).passages
    }

    func answer(_ prompt: String) async throws -> (answer: String, passages: [ScoredPassage]) {
        let deadline = Deadline.after(milliseconds: milliseconds)
        var passages: [ScoredPassage] = []
        if k != 0 {
            let request = SearchRequest(prompt: prompt, k: recallCutoffs.max(), options: options, words: words)
            passages = try await client.search(request, deadline: deadline).passages
        }
        var sampling = SamplingOptions()
        sampling.maxTokens = maxTokens
        let request = AskRequest(
            prompt: prompt, k: k, sampling: sampling, omitPassageText: true, options: options, words: words)
        var text = ""
        for try await event in try client.ask(request, deadline: deadline) {
            if case .token(let token) = event { text += token.text }
        }
        return (text, passages)
    }
}

struct LocalSubject: EvaluationSubject {
    private let model: ImpRAGModel
    private let search: LocalSearch
    private let k: Int
    private let sampling: Sampling
    private let words: WordsOptions

    /// - Parameter answers: whether it is to answer; finding passages needs the bottom layers alone.
    init(_ arguments: Arguments, k: Int?, maxTokens: Int, words: WordsOptions, answers: Bool) throws {
        self.words = words
        model = try loadModel(arguments, layers: answers ? .all : .bottom)
        search = try LocalSearch(IndexDirectory(path: arguments.required("index"), expecting: model.fingerprint))
        self.k = k ?? model.configuration.topK
        sampling = try Sampling(maxTokens: maxTokens)
    }

    func passages(for prompt: String, count: Int) async throws -> [ScoredPassage] {
        try find(try model.embed(queries: [prompt]), prompt, count)
    }

    func answer(_ prompt: String) async throws -> (answer: String, passages: [ScoredPassage]) {
        let state = try model.promptStates([PromptRequest(tokens: try model.promptTokens(prompt), k: k)])[0]
        let wanted = k == 0 ? 0 : max(k, recallCutoffs.max() ?? 0)
        let found = try wanted == 0 ? [] : find(state.queryEmbedding, prompt, wanted)
        let answer = try model.answer(
            from: state, passages: found.prefix(k).map(\.passage), encoding: model.configuration.passageEncoding,
            sampling: sampling)
        var text = ""
        while let step = try answer.next() { text += step.text }
        return (text, found)
    }

    private func find(_ embedding: [Float], _ prompt: String, _ count: Int) throws -> [ScoredPassage] {
        try search.search(
            embedding, text: Question.words(ofPrompt: prompt), words: words, k: count,
            deadline: .after(milliseconds: 600_000))
    }
}
