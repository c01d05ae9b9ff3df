import Core
import Synchronization
import Testing

struct TraceContextTests {
    private static let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test("a traceparent reads back as it was written")
    func roundTrip() throws {
        let context = try #require(TraceContext(Self.text))
        #expect(context.trace.description == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(context.spanText == "00f067aa0ba902b7")
        #expect(context.isSampled)
        #expect(context.description == Self.text)
        #expect(TraceContext(String(Self.text.dropLast()) + "0")?.isSampled == false)
        #expect(TraceContext(String(Self.text.dropLast(2)) + "03")?.isSampled == true)
    }

    @Test("a later version may have more behind the fields of today, this one may not")
    func versions() {
        #expect(TraceContext("cc" + Self.text.dropFirst(2) + "-more")?.isSampled == true)
        #expect(TraceContext("cc" + Self.text.dropFirst(2)) != nil)
        #expect(TraceContext(Self.text + "-more") == nil)
        #expect(TraceContext(Self.text + "-") == nil)
        #expect(TraceContext("ff" + Self.text.dropFirst(2)) == nil)
    }

    @Test(
        "what is no traceparent is none",
        arguments: [
            "", "00", "00---", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7", "x\(text)", " \(text)",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-011",
            "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
            "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
        ])
    func malformed(text: String) {
        #expect(TraceContext(text) == nil)
    }
}

struct RequestTraceTests {
    /// Numbers from 1 on.
    private final class Numbers: Sendable {
        private let last = Atomic<UInt64>(0)
        func next() -> UInt64 { last.add(1, ordering: .relaxed).newValue }
    }

    private final class Finished: Sendable {
        let spans = Mutex<[[TraceSpan]]>([])
    }

    private func trace(_ finished: Finished, at start: ContinuousClock.Instant) throws -> RequestTrace {
        let numbers = Numbers()
        return RequestTrace(
            try #require(TraceID(high: 1, low: 2)), parent: 77, name: "ask", start: start, nextNumber: numbers.next,
            finished: { spans in finished.spans.withLock { $0.append(spans) } })
    }

    @Test("a request's span comes first, its parts name what caused them, and all are passed on once")
    func spans() throws {
        let start = ContinuousClock.now
        let finished = Finished()
        let trace = try trace(finished, at: start)
        #expect(trace.context.span == 1 && trace.context.isSampled)
        let search = trace.begin("search", at: start + .seconds(1))
        let part = trace.begin("shard_search", .client, in: search, at: start + .seconds(2))
        trace.end(part, at: start + .seconds(3), failure: .unavailable, [TraceSpan.Attribute("imprag.node", "s")])
        trace.end(search, at: start)
        trace.note([TraceSpan.Attribute("imprag.k", 3)])
        trace.finish(at: start + .seconds(5), failure: .internal)
        trace.end(trace.begin("late", at: start), at: start)
        trace.finish(at: start)
        let lists = finished.spans.withLock { $0 }
        let spans = try #require(lists.first)
        #expect(lists.count == 1)
        #expect(spans.map(\.name) == ["ask", "shard_search", "search"])
        #expect(spans.map(\.parent) == [77, 2, 1])
        #expect(spans.map(\.context.span) == [1, 3, 2])
        #expect(spans.map(\.failure) == [.internal, .unavailable, nil])
        #expect(spans[0].attributes == [TraceSpan.Attribute("imprag.k", 3)])
        // A span never ends before it begins.
        #expect(spans[2].end == spans[2].start)
    }

    @Test("a request with too many parts keeps the first ones")
    func bounded() throws {
        let finished = Finished()
        let trace = try trace(finished, at: .now)
        for _ in 0..<1000 { trace.end(trace.begin("part", at: .now), at: .now) }
        trace.finish(at: .now)
        #expect(finished.spans.withLock { $0.first?.count } == RequestTrace.spanLimit + 1)
    }
}

struct WallTimeTests {
    @Test(
        "civil time is written as RFC 3339, leap days and moments before 1970 included",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z"), (1_709_251_200_000, "2024-03-01T00:00:00.000Z"),
            (4_107_542_399_000, "2100-02-28T23:59:59.000Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"), (1_795_939_530_250, "2026-11-29T08:05:30.250Z"),
        ] as [(Int64, String)])
    func text(milliseconds: Int64, text: String) {
        #expect(WallTime(nanoseconds: milliseconds * 1_000_000).description == text)
    }
}
