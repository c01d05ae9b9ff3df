import Cluster
import Core
import Messaging
import Wire

/// A request from its arrival to its end, as a value: it is told what has happened and says what is to be done. Pure: no socket,
/// no clock, no task, no model; `SessionRunner` performs what it says.
protocol Session: Sendable {
    /// What is to be done first.
    mutating func begin() -> [SessionAction]

    /// Takes in an event at the moment `now`. After `finish` or `fail` nothing is said any more.
    mutating func handle(_ event: SessionEvent, at now: ContinuousClock.Instant) -> [SessionAction]
}

/// What happens to a request.
enum SessionEvent: Sendable {
    case tokenized(Result<[Int32], ImpRAGError>)
    case encoded(Result<EncodedPrompt, ImpRAGError>)
    /// The answer to `look`.
    case looked(FanOut.Knowledge)
    /// What a shard said to its part of the search.
    case part(Int, Result<ShardSearchReply, ImpRAGError>)
    /// The answer to `reserveGenerator`.
    case reserved(Result<GeneratorPlace, ImpRAGError>)
    /// A generator may have become ready.
    case generatorsChanged
    /// The moment that `wake` named has come.
    case alarm
    /// What a generator said to the request of that attempt.
    case generated(attempt: Int, CallEvent)
    /// The client does not take its replies, or nobody waits for the answer any more.
    case abandoned
}

/// A place for a request at a generator.
enum GeneratorPlace: Sendable {
    case reserved(String)
    /// None is ready, but one may be back at any moment.
    ///
    /// - Parameter reason: what to say when none is in time.
    case notYet(reason: ImpRAGError)
}

/// What a request wants done.
enum SessionAction: Sendable {
    case tokenize(String)
    /// The prompt through the bottom layers, before the places of `k` passages.
    case encode([Int32], k: Int)
    /// What is known of the shards.
    case look
    case search(FanOut.Part, ShardSearchRequest, [Tensor])
    /// A generator's place, given back by `releaseGenerator`.
    case reserveGenerator
    case wake(at: ContinuousClock.Instant)
    case generate(attempt: Int, on: String, GenerateRequest, [Tensor], Deadline)
    case releaseGenerator(String)
    /// A generator's connection failed in the middle of a request.
    case lostGenerator(String, ImpRAGError)
    /// The memory of the prompt's state may be used by others.
    case releaseState
    /// Another reply follows.
    case reply(Reply)
    case finish(Reply)
    case fail(ImpRAGError)
}

extension SessionAction {
    static let abandoned = SessionAction.fail(ImpRAGError(.cancelled, "nobody waits for the answer any more"))
}
