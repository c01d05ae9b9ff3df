import Core
import Messaging
import Synchronization
import TestSupport
import Wire

/// Counts requests, from any thread.
final class RequestCount: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .relaxed) }

    func add() { count.add(1, ordering: .relaxed) }
}

/// A coordinator that answers from a script, for clients to be tested against.
final class FakeCoordinator: Sendable {
    let endpoint: String
    /// Requests that it got.
    let requestCount: RequestCount
    private let messenger: Messenger
    private let directory: TemporaryDirectory

    static let completeness = Completeness(
        shards: [
            ShardOutcome(name: "shard-0", state: .answered, passagesSearched: 7),
            ShardOutcome(name: "shard-1", state: .timedOut, message: "no answer within 900 ms", passagesSearched: 0),
        ], passagesSearched: 7, passagesTotal: 15, isComplete: false)
    static let sources = AskSources(
        passages: [
            ScoredPassage(
                passage: Passage(id: "capital-ke", title: "Kenya", text: "The capital of Kenya is Nairobi."),
                score: 12.5,
                rank: 0),
            ScoredPassage(
                passage: Passage(id: "river-limmat", title: "Limmat (Zürich)", text: "The Limmat leaves the lake."),
                score: 3.25, rank: 1),
        ], completeness: completeness)
    static let words = ["Nai", "robi", "", " – ", "東京"]
    static let done = AskDone(
        end: .stop, passageAttention: [0.75, 0.125], promptTokenCount: 12, generatedTokenCount: 5,
        timings: Timings(firstToken: .milliseconds(3), total: .microseconds(12_300)), completeness: completeness)

    /// - Parameters:
    ///   - isStarting: whether it answers everything with `unavailable`, as a node does that loads.
    ///   - started: called for each `ask` whose prompt is "hang", which is never answered.
    ///   - collection: what it serves; nil serves whatever is asked for.
    init(
        isStarting: Bool = false, started: @escaping @Sendable (IncomingRequest) -> Void = { _ in },
        collection: @escaping @Sendable () -> String? = { nil }
    ) throws {
        directory = try TemporaryDirectory()
        endpoint = "ipc://" + directory.file("coordinator")
        messenger = try Messenger(name: "coordinator")
        let requestCount = RequestCount()
        self.requestCount = requestCount
        try messenger.listen(on: endpoint) { request in
            requestCount.add()
            if isStarting {
                _ = request.fail(ImpRAGError(.unavailable, "coordinator is loading; try again later"))
            } else if let name = collection(), !request.collection.isEmpty, request.collection != name {
                _ = request.fail(
                    ImpRAGError(.unavailable, "this one serves \(name)", cause: OtherCollection()))
            } else {
                Self.answer(request, started)
            }
        }
    }

    func stop() {
        messenger.close()
    }

    static let fingerprint = Fingerprint(bytes: Array(repeating: 7, count: 32))

    private static func answer(_ request: IncomingRequest, _ started: @Sendable (IncomingRequest) -> Void) {
        switch request.body {
        case .ask(let ask) where ask.prompt == "fail":
            request.fail(
                ImpRAGError(.unavailable, "shard-1 does not answer", cause: RemoteFailure(node: "shard-1")))
        case .ask(let ask) where ask.prompt == "hang":
            started(request)
        case .ask(let ask) where ask.prompt == "half":
            request.reply(.sources(sources), more: true)
            started(request)
        case .ask(let ask) where ask.prompt == "nonsense":
            request.reply(.status(StatusReply(nodes: [])))
        case .ask:
            request.reply(.sources(sources), more: true)  // Filters and words are not its business.
            for (index, word) in words.enumerated() {
                request.reply(.token(AnswerToken(text: word, token: Int32(index), logprob: -0.5)), more: true)
            }
            request.reply(.askDone(done))
        case .search(let search):
            request.reply(
                .search(
                    SearchReply(
                        passages: Array(sources.passages.prefix(search.k ?? 10)), completeness: completeness,
                        timings: Timings(),
                        // For a coordinator that knows neither filters nor words.
                        isFiltered: search.options.filter != nil && search.prompt != "old",
                        hasWords: search.words.mode != .off && search.prompt != "old")))
        case .status:
            request.reply(
                .status(StatusReply(nodes: [NodeStatus(name: "coordinator", role: .coordinator, state: .ready)])))
        case .upsert(let upsert):
            // "old" stands for a coordinator that does not know that an update may wait.
            let found = upsert.wait == .found && upsert.passages.first?.id != "old"
            let (replaced, inserted) = found ? (1, upsert.passages.count - 1) : (0, 0)
            request.reply(.upsert(UpsertReply(epoch: 7, found: found, replaced: replaced, inserted: inserted)))
        case .delete(let delete):
            let found = delete.wait == .found && delete.ids.first != "old"
            request.reply(.delete(DeleteReply(epoch: 8, found: found, deleted: found ? delete.ids.count : 0)))
        case .embed(let embed):
            // As many vectors as there are texts, of their lengths; "short" stands for a coordinator that makes fewer.
            let texts = embed.texts.filter { $0 != "short" }
            request.reply(
                .embed(EmbedReply(tokenCounts: texts.map { $0.utf8.count }, cuts: texts.map { $0 == "cut" })),
                tensors: [Tensor(texts.flatMap { [Float($0.utf8.count), 0.5] }, shape: [texts.count, 2])],
                fingerprint: embed.texts == ["nobody's"] ? nil : fingerprint)
        case .cancel, .ping, .shardSearch, .generate, .fetchStates, .storeStates, .apply:
            request.fail(ImpRAGError(.invalidArgument, "a coordinator does not take \(request.body.name)"))
        }
    }
}
