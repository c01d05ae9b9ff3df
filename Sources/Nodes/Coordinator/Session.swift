import Cluster
import Core
import Messaging
import Wire

/// A request from arrival to end, as a value: events in, actions out. Pure: no socket, no clock, no task, no model;
/// `SessionRunner` performs the actions.
protocol Session: Sendable {
    /// The first actions.
    mutating func begin() -> [SessionAction]

    /// Handles an event that happened at `now`. Returns nothing more after `finish` or `fail`.
    mutating func handle(_ event: SessionEvent, at now: ContinuousClock.Instant) -> [SessionAction]
}

/// What happens to a request.
enum SessionEvent: Sendable {
    case tokenized(Result<[Int32], ImpRAGError>)
    case encoded(Result<EncodedPrompt, ImpRAGError>)
    /// The answer to `look`.
    case looked(FanOut.Knowledge)
    /// A shard's reply to its part of the search.
    case part(Int, Result<ShardSearchReply, ImpRAGError>)
    /// The time given to `hedge` has come.
    ///
    /// - Parameter budget: requests that the search may make in addition.
    case overdue(budget: Int)
    /// The answer to `reserveGenerator`.
    case reserved(Result<GeneratorPlace, ImpRAGError>)
    /// A generator may have become ready.
    case generatorsChanged
    /// A shard or generator has turned silent, cannot be reached, is refused, or does not belong to the cluster any
    /// more. What it was asked may still be answered.
    case lost(String)
    /// The time given to `wake` has come.
    case alarm
    /// What a generator sent for that attempt.
    case generated(attempt: Int, CallEvent)
    /// The client does not read its replies, or nobody waits for the answer any more.
    case abandoned
}

/// A place for a request at a generator.
enum GeneratorPlace: Sendable {
    case reserved(String)
    /// None is ready, but one may be back at any moment.
    ///
    /// - Parameter reason: the error if none is back in time.
    case notYet(reason: ImpRAGError)
}

/// What a session wants done.
enum SessionAction: Sendable {
    case tokenize(PromptText)
    /// Run the prompt through the bottom layers, at the positions after `k` passages.
    case encode([Int32], k: Int)
    /// Look up what is known about the shards.
    case look
    case search(FanOut.Part, ShardSearchRequest, [Tensor])
    /// A part's answer is not needed any more.
    case dropSearch(FanOut.Part, byHedge: Bool)
    /// Say then whether other replicas may be asked for the parts that have not been answered.
    case hedge(at: ContinuousClock.Instant)
    /// Reserve a place at a generator, given back by `releaseGenerator`.
    case reserveGenerator
    case wake(at: ContinuousClock.Instant)
    /// Cancels the attempt before, if it still runs.
    case generate(attempt: Int, on: String, GenerateRequest, [Tensor], Deadline)
    case releaseGenerator(String)
    /// A generator's connection failed in the middle of a request, or it stops.
    case lostGenerator(String, ImpRAGError)
    /// Send a reply; another one follows.
    case reply(Reply)
    case finish(Reply)
    case fail(ImpRAGError)
}

extension SessionAction {
    static let abandoned = SessionAction.fail(ImpRAGError(.cancelled, "nobody waits for the answer any more"))
}

extension ShardSearchRequest {
    /// The same, for that client.
    func of(_ client: ClientKey) -> ShardSearchRequest {
        var request = self
        request.client = client.number
        return request
    }
}

extension GenerateRequest {
    /// The same, for that client.
    func of(_ client: ClientKey) -> GenerateRequest {
        var request = self
        request.client = client.number
        return request
    }
}
