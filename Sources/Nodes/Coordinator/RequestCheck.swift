import Cluster
import Core
import Model
import Wire

/// Checks requests against the coordinator's settings and the model's. Pure.
struct RequestCheck {
    let settings: CoordinatorSettings
    let shape: RequestShape

    /// Tokens are rarely longer; a prompt of more bytes than its tokens could have is refused without being tokenized.
    static let bytesPerToken = 64

    /// Throws `invalidArgument` listing everything that is wrong; `failedPrecondition` for chat messages.
    func ask(_ request: AskRequest) throws(ImpRAGError) -> CheckedAsk {
        var problems = problems(
            prompt: request.prompt, k: request.k, options: request.options, words: request.words)
        problems += self.problems(messages: request.messages)
        if let maxTokens = request.sampling.maxTokens, maxTokens > settings.maxAnswerTokens {
            problems.append("max_tokens is \(maxTokens); 1 to \(settings.maxAnswerTokens) is allowed")
        }
        let sampling: Sampling
        do throws(ImpRAGError) {
            sampling = try Sampling(request.sampling, maxTokens: settings.defaultAnswerTokens)
        } catch {
            throw ImpRAGError(.invalidArgument, (problems + [error.message]).joined(separator: "; "))
        }
        try Self.require(problems)
        return CheckedAsk(
            prompt: request.prompt, k: request.k ?? shape.topK, encoding: request.encoding ?? shape.encoding,
            sampling: sampling, maxTokensWasGiven: request.sampling.maxTokens != nil)
    }

    /// Whether a request is answered only where there is reason to.
    func abstains(_ request: AskRequest) -> Bool { request.abstains ?? settings.abstains }

    /// The number of passages a search wants. Throws `invalidArgument` listing everything that is wrong.
    func search(_ request: SearchRequest) throws(ImpRAGError) -> Int {
        var problems = problems(
            prompt: request.prompt, k: request.k, options: request.options, words: request.words)
        if request.k == 0 { problems.append("k is 0; a search needs 1 to \(settings.maxK)") }
        try Self.require(problems)
        return request.k ?? shape.topK
    }

    /// The most problems of an embed request that one error lists.
    private static let problemLimit = 5

    /// Throws `invalidArgument` with what is wrong with texts to embed.
    func embed(_ request: EmbedRequest) throws(ImpRAGError) {
        guard (1...EmbedRequest.textLimit).contains(request.texts.count) else {
            throw ImpRAGError(
                .invalidArgument,
                "there are \(request.texts.count) texts; 1 to \(EmbedRequest.textLimit) are allowed")
        }
        let limit =
            request.role == .query ? settings.maxPromptTokens * Self.bytesPerToken : Passage.contentByteLimit
        var problems: [String] = []
        for (place, text) in request.texts.enumerated() where problems.count <= Self.problemLimit {
            if Self.isBlank(text) { problems.append("texts[\(place)] is empty or only white space") }
            if text.utf8.count > limit {
                problems.append("texts[\(place)] has \(text.utf8.count) bytes; at most \(limit) are allowed")
            }
        }
        try Self.require(problems, limit: Self.problemLimit)
    }

    private static func isBlank(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) }
    }

    /// The prompt, or what the user said last: the words to search for.
    ///
    /// Throws `invalidArgument` when there are none, or both a prompt and messages.
    static func text(of ask: AskRequest) throws(ImpRAGError) -> String {
        guard !ask.messages.isEmpty else {
            try requireText(ask.prompt)
            return ask.prompt
        }
        guard ask.prompt.isEmpty else {
            throw ImpRAGError(.invalidArgument, "there are a prompt and messages; only one of them is right")
        }
        guard let last = ask.messages.last(where: { $0.role == "user" }) else {
            throw ImpRAGError(
                .invalidArgument,
                "no message has the role user; the last one of these is what passages are searched for")
        }
        try requireText(last.content)
        return last.content
    }

    /// More messages are refused: a template goes over them one by one.
    static let maximumMessages = 1024

    private func problems(messages: [ChatMessage]) -> [String] {
        var problems: [String] = []
        if messages.count > Self.maximumMessages {
            problems.append("there are \(messages.count) messages; at most \(Self.maximumMessages) are allowed")
        }
        let bytes = messages.reduce(0) { $0 + $1.role.utf8.count + $1.content.utf8.count }
        let byteLimit = settings.maxPromptTokens * Self.bytesPerToken
        if bytes > byteLimit {
            problems.append("the messages have \(bytes) bytes; at most \(byteLimit) are allowed")
        }
        return problems
    }

    /// Throws `invalidArgument` for a prompt without a word: anything found or said for it would be noise.
    static func requireText(_ prompt: String) throws(ImpRAGError) {
        guard isBlank(prompt) else { return }
        throw ImpRAGError(
            .invalidArgument,
            "the prompt is empty or only white space; a question, or the beginning of a text, is right")
    }

    /// The most tokens to generate, once the prompt's length is known.
    ///
    /// - Throws: `invalidArgument` when prompt, passages and answer together do not fit the model's context.
    func answerTokens(for request: CheckedAsk, promptTokens: Int) throws(ImpRAGError) -> Int {
        try promptLength(promptTokens, k: request.k)
        let wanted = request.sampling.maxTokens
        let left = shape.maxPositions - request.k * shape.maxPassageTokens - promptTokens
        guard request.maxTokensWasGiven, wanted > left else { return min(wanted, left) }
        throw ImpRAGError(
            .invalidArgument,
            "max_tokens is \(wanted), but the model has \(shape.maxPositions) positions, of which k = \(request.k) passages "
                + "take \(request.k * shape.maxPassageTokens) and the prompt \(promptTokens); at most \(left) are left"
        )
    }

    /// How many passages a search's prompt leaves positions for: `k` if they fit the model's context together with it,
    /// as they would in an answer to the same prompt, else none. A search reads no passages; only the last bits of the
    /// vector depend on this.
    ///
    /// - Throws: `invalidArgument` for a prompt that is too long by itself.
    func searchPlaces(promptTokens tokens: Int, k: Int) throws(ImpRAGError) -> Int {
        try promptLength(tokens, k: 0)
        return tokens < shape.maxPositions - k * shape.maxPassageTokens ? k : 0
    }

    /// Throws `invalidArgument` for a prompt that is too long by itself or together with its passages.
    func promptLength(_ tokens: Int, k: Int) throws(ImpRAGError) {
        guard tokens <= settings.maxPromptTokens else {
            throw ImpRAGError(
                .invalidArgument, "the prompt has \(tokens) tokens; at most \(settings.maxPromptTokens) are allowed")
        }
        let room = shape.maxPositions - k * shape.maxPassageTokens
        guard tokens < room else {
            throw ImpRAGError(
                .invalidArgument,
                "the prompt has \(tokens) tokens, but of the model's \(shape.maxPositions) positions k = \(k) passages leave "
                    + "\(max(0, room)), one of them for an answer; shorten it\(k > 0 ? " or lower k" : "")")
        }
    }

    private func problems(prompt: String, k: Int?, options: SearchOptions, words: WordsOptions) -> [String] {
        var problems: [String] = []
        let byteLimit = settings.maxPromptTokens * Self.bytesPerToken
        if prompt.utf8.count > byteLimit {
            problems.append("the prompt has \(prompt.utf8.count) bytes; at most \(byteLimit) are allowed")
        }
        if let k, !(0...settings.maxK).contains(k) { problems.append("k is \(k); 0 to \(settings.maxK) is allowed") }
        do throws(ImpRAGError) {
            try options.validate()
        } catch {
            problems.append(error.message)
        }
        do throws(ImpRAGError) {
            try words.validate()
        } catch {
            problems.append(error.message)
        }
        return problems
    }

    /// Throws `invalidArgument` with the first `limit` of `problems`, if there are any.
    static func require(_ problems: [String], limit: Int = .max) throws(ImpRAGError) {
        guard !problems.isEmpty else { return }
        let rest = problems.count > limit ? "; and more" : ""
        throw ImpRAGError(.invalidArgument, problems.prefix(limit).joined(separator: "; ") + rest)
    }
}
