import Synchronization

/// Records one node's share of a sampled request: a span for the request, and those of its parts. Any thread may add to
/// it.
///
/// It exists only for requests that are recorded, so that others cost nothing.
public final class RequestTrace: Sendable {
    /// The request's own span, which causes the others and the requests to other nodes.
    public let context: TraceContext

    /// A span that has begun. Requests that it causes carry `context`.
    public struct OpenSpan: Sendable {
        public let context: TraceContext
        fileprivate let parent: UInt64
        fileprivate let kind: TraceSpan.Kind
        fileprivate let name: String
        fileprivate let start: ContinuousClock.Instant
    }

    private struct State {
        var spans: [TraceSpan] = []
        var attributes: [TraceSpan.Attribute] = []
        var hasEnded = false
    }

    /// The most spans of one request at one node; further ones are left out.
    public static let spanLimit = 256

    private let parent: UInt64?
    private let name: String
    private let start: ContinuousClock.Instant
    private let nextNumber: @Sendable () -> UInt64
    private let finished: @Sendable ([TraceSpan]) -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - trace: what the request belongs to.
    ///   - parent: the caller's span; nil when this node begins the trace.
    ///   - name: the kind of request.
    ///   - nextNumber: random numbers, for spans.
    ///   - finished: takes the spans once, when the request has ended.
    public init(
        _ trace: TraceID, parent: UInt64?, name: String, start: ContinuousClock.Instant,
        nextNumber: @escaping @Sendable () -> UInt64, finished: @escaping @Sendable ([TraceSpan]) -> Void
    ) {
        context = TraceContext(trace: trace, span: Self.number(nextNumber), isSampled: true)
        self.parent = parent
        self.name = name
        self.start = start
        self.nextNumber = nextNumber
        self.finished = finished
    }

    /// Begins a span; `end` adds it.
    ///
    /// - Parameter parent: what causes it; nil is the request itself.
    public func begin(
        _ name: String, _ kind: TraceSpan.Kind = .inside, in parent: OpenSpan? = nil, at start: ContinuousClock.Instant
    ) -> OpenSpan {
        OpenSpan(
            context: TraceContext(trace: context.trace, span: Self.number(nextNumber), isSampled: true),
            parent: parent?.context.span ?? context.span, kind: kind, name: name, start: start)
    }

    /// Adds a span that ends at `end`; after `finish` it is left out.
    public func end(
        _ span: OpenSpan, at end: ContinuousClock.Instant, failure: ErrorCode? = nil,
        _ attributes: [TraceSpan.Attribute] = []
    ) {
        state.withLock { state in
            guard !state.hasEnded, state.spans.count < Self.spanLimit else { return }
            state.spans.append(
                TraceSpan(
                    context: span.context, parent: span.parent, kind: span.kind, name: span.name, start: span.start,
                    end: max(span.start, end), attributes: attributes, failure: failure))
        }
    }

    /// Adds attributes to the request's span.
    public func note(_ attributes: [TraceSpan.Attribute]) {
        state.withLock { $0.attributes += attributes }
    }

    /// The request has ended: passes the spans on, its own first. A second call does nothing.
    public func finish(at end: ContinuousClock.Instant, failure: ErrorCode? = nil) {
        let spans = state.withLock { state -> [TraceSpan] in
            guard !state.hasEnded else { return [] }
            state.hasEnded = true
            let own = TraceSpan(
                context: context, parent: parent, kind: .server, name: name, start: start, end: max(start, end),
                attributes: state.attributes, failure: failure)
            defer { state.spans = [] }
            return [own] + state.spans
        }
        if !spans.isEmpty { finished(spans) }
    }

    /// 0 would name no span.
    private static func number(_ next: () -> UInt64) -> UInt64 { max(1, next()) }
}
