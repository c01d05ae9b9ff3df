import Core
import Messaging
import Synchronization
import Wire

/// The steps of a request as spans, for a request that is recorded: queue and bottom layers, the fan-out and each part
/// of it, each attempt at a generator.
final class SessionSpans: Sendable {
    private let trace: RequestTrace
    private let clock: any Clock
    private let fanOut = Mutex<RequestTrace.OpenSpan?>(nil)

    /// Nil when the request is not recorded.
    init?(_ request: IncomingRequest, clock: any Clock) {
        guard let trace = request.trace else { return nil }
        self.trace = trace
        self.clock = clock
    }

    /// The bottom layers have run, until now.
    func encoded(_ result: Result<EncodedPrompt, ImpRAGError>) {
        let now = clock.now
        switch result {
        case .success(let prompt):
            let start = now - prompt.promptTime
            trace.end(trace.begin("queue", at: start - prompt.queueTime), at: start)
            trace.end(
                trace.begin("bottom_layers", at: start), at: now,
                [TraceSpan.Attribute("imprag.prompt_tokens", prompt.tokens.count)])
        case .failure(let error): trace.end(trace.begin("bottom_layers", at: now), at: now, failure: error.code)
        }
    }

    /// A part of the search goes to a shard.
    func began(_ part: FanOut.Part) -> RequestTrace.OpenSpan {
        let now = clock.now
        let search = fanOut.withLock { span in
            let open = span ?? trace.begin("search", at: now)
            span = open
            return open
        }
        return trace.begin("shard_search", .client, in: search, at: now)
    }

    func ended(_ span: RequestTrace.OpenSpan, _ part: FanOut.Part, failure: ErrorCode?) {
        trace.end(
            span, at: clock.now, failure: failure,
            [
                TraceSpan.Attribute("imprag.node", part.node),
                TraceSpan.Attribute("imprag.partitions", part.partitions.count),
            ])
    }

    func beganGenerating() -> RequestTrace.OpenSpan { trace.begin("generate", .client, at: clock.now) }

    func ended(_ span: RequestTrace.OpenSpan, generator: String, attempt: Int, failure: ErrorCode?) {
        trace.end(
            span, at: clock.now, failure: failure,
            [TraceSpan.Attribute("imprag.node", generator), TraceSpan.Attribute("imprag.attempt", attempt)])
    }

    /// A reply to the client says what came out; the first one comes when the search is over.
    func replied(_ reply: Reply) {
        endSearch()
        switch reply {
        case .sources(let sources): trace.note([TraceSpan.Attribute("imprag.passages", sources.passages.count)])
        case .search(let found): trace.note([TraceSpan.Attribute("imprag.passages", found.passages.count)])
        case .askDone(let done): trace.note([TraceSpan.Attribute("imprag.generated_tokens", done.generatedTokenCount)])
        default: break
        }
    }

    /// The search is over, if there was one and it was not over before.
    func endSearch(failure: ErrorCode? = nil) {
        let span = fanOut.withLock { span in
            defer { span = nil }
            return span
        }
        if let span { trace.end(span, at: clock.now, failure: failure) }
    }
}
