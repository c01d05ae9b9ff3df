import Core
import Wire

/// One search: the prompt through the bottom layers, fan-out to the shards, merge. Pure.
struct SearchSession: Session {
    private var retrieval: Retrieval
    private let check: RequestCheck
    private let arrival: ContinuousClock.Instant
    private var hasEnded = false

    /// No answer needs time afterwards, only the way back.
    private static let searchShare = 0.9

    /// - Throws: `invalidArgument` listing everything that is wrong with the request.
    init(
        _ request: SearchRequest, check: RequestCheck, deadline: Deadline, arrival: ContinuousClock.Instant
    ) throws(ImpRAGError) {
        try RequestCheck.requireText(request.prompt)
        let k = try check.search(request)
        self.check = check
        self.arrival = arrival
        retrieval = Retrieval(
            Retrieval.Query(
                prompt: request.prompt, k: k, words: request.words, options: request.options,
                policy: request.completeness, share: Self.searchShare, deadline: deadline))
    }

    func begin() -> [SessionAction] { retrieval.begin() }

    mutating func handle(_ event: SessionEvent, at now: ContinuousClock.Instant) -> [SessionAction] {
        guard !hasEnded else { return [] }
        if case .abandoned = event { return end(.abandoned) }
        let (check, k) = (check, retrieval.query.k)
        let step = retrieval.handle(event, at: now) { tokens throws(ImpRAGError) in
            try check.searchPlaces(promptTokens: tokens, k: k)
        }
        switch step {
        case .act(let actions): return actions
        case .failed(let error): return end(.fail(error))
        case .found(let outcome, let last):
            var timings = retrieval.timings
            timings.total = now - arrival
            return last
                + end(
                    .finish(
                        .search(
                            SearchReply(
                                passages: outcome.passages, completeness: outcome.completeness, timings: timings,
                                isFiltered: retrieval.query.options.filter != nil,
                                hasWords: retrieval.query.words.mode != .off))))
        }
    }

    private mutating func end(_ action: SessionAction) -> [SessionAction] {
        hasEnded = true
        return [action]
    }
}
