import Core
import Messaging
import Testing

@testable import Coordinator

/// Time is moved by the tests.
struct RequestGateTests {
    private let start = ContinuousClock.now

    private func at(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

    private func refusal(_ body: () throws -> Void) -> ImpRAGError? {
        #expect(throws: ImpRAGError.self) { try body() }
    }

    @Test("one client may use nearly all of the limit; once half is in use, each has its share")
    func shares() throws {
        var gate = RequestGate<String>(limit: 64)
        var tickets: [RequestGate<String>.Ticket] = []
        for _ in 0..<60 { tickets.append(try gate.enter("many", .ask, deadline: at(1000), at: start)) }
        let error = refusal { _ = try gate.enter("many", .ask, deadline: at(1000), at: start) }
        #expect(error?.code == .resourceExhausted)
        #expect(error?.message.hasPrefix("60 requests of this client") == true, "\(error?.message ?? "")")
        #expect((error?.cause as? RetryAfter)?.milliseconds == 10)
        // There is room for one that comes now.
        for _ in 0..<4 { _ = try gate.enter("few", .search, deadline: at(1000), at: start) }
        #expect(
            refusal { _ = try gate.enter("few", .ask, deadline: at(1000), at: start) }?.message.hasPrefix("64 ") == true
        )
        // And more of it as the first one's end.
        for ticket in tickets.prefix(40) { gate.leave(ticket, nil, at: start) }
        #expect(gate.count == 24)
        for _ in 0..<10 { _ = try gate.enter("few", .ask, deadline: at(1000), at: start) }
        #expect(gate.count == 34)
        _ = try gate.enter("many", .ask, deadline: at(1000), at: start)
        for _ in 0..<9 { _ = try gate.enter("many", .ask, deadline: at(1000), at: start) }
        #expect(refusal { _ = try gate.enter("many", .ask, deadline: at(1000), at: start) } != nil)
    }

    @Test("a limit of one or two requests is one or two, whoever asks")
    func small() throws {
        for limit in 1...2 {
            var gate = RequestGate<String>(limit: limit)
            for _ in 0..<limit { _ = try gate.enter("a", .ask, deadline: at(1000), at: start) }
            #expect(refusal { _ = try gate.enter("b", .ask, deadline: at(1000), at: start) } != nil)
        }
    }

    /// A cluster that answers one request every ten milliseconds, in order of arrival.
    private struct Server {
        var gate = RequestGate<String>(limit: 512)
        var queue: [(ticket: RequestGate<String>.Ticket, deadline: Int)] = []
        var answered = 0
        var refused: [Int] = []

        mutating func arrive(_ deadline: Int, _ milliseconds: Int, from start: ContinuousClock.Instant) {
            let now = start + .milliseconds(milliseconds)
            do throws(ImpRAGError) {
                queue.append(
                    (
                        try gate.enter("c", .ask, deadline: now + .milliseconds(deadline), at: now),
                        milliseconds + deadline
                    ))
            } catch {
                refused.append((error.cause as? RetryAfter)?.milliseconds ?? 0)
            }
        }

        /// Ten milliseconds of work, for whoever is first.
        mutating func work(_ milliseconds: Int, from start: ContinuousClock.Instant) {
            let now = start + .milliseconds(milliseconds)
            for late in queue where late.deadline <= milliseconds {
                gate.leave(late.ticket, ImpRAGError(.cancelled, "its time was over"), at: now)
            }
            queue.removeAll { $0.deadline <= milliseconds }
            guard !queue.isEmpty else { return }
            // What is begun shortly before its deadline is work in vain.
            let first = queue.removeFirst()
            let end = milliseconds + 10
            let isLate = end > first.deadline
            gate.leave(
                first.ticket, isLate ? ImpRAGError(.deadlineExceeded, "late") : nil, at: start + .milliseconds(end))
            if !isLate { answered += 1 }
        }
    }

    @Test("at five times the capacity nearly as much is answered in time as at capacity", arguments: [200, 500, 2000])
    func overload(deadline: Int) {
        var server = Server()
        let seconds = 20
        for tick in 0..<(seconds * 100) {
            for arrival in 0..<5 { server.arrive(deadline, tick * 10 + arrival, from: start) }
            server.work(tick * 10 + 5, from: start)
        }
        #expect(server.answered >= seconds * 90, "\(server.answered)")
        #expect(server.refused.allSatisfy { $0 >= 10 })
    }

    @Test("nothing is refused below the capacity, and nothing any more some time after an overload")
    func noOverload() {
        var server = Server()
        for tick in 0..<300 {
            for arrival in 0..<5 { server.arrive(300, tick * 10 + arrival, from: start) }
            server.work(tick * 10 + 5, from: start)
        }
        #expect(!server.refused.isEmpty)
        server.refused = []
        server.answered = 0
        for tick in 2000..<4000 {
            if tick.isMultiple(of: 2) { server.arrive(300, tick * 10, from: start) }
            server.work(tick * 10 + 5, from: start)
        }
        #expect(server.refused.isEmpty && server.answered == 1000)
    }

    @Test("a burst on an idle cluster is taken, although what one request takes would not allow it")
    func burst() throws {
        var gate = RequestGate<String>(limit: 512)
        let first = try gate.enter("c", .ask, deadline: at(500), at: start)
        gate.leave(first, nil, at: at(50))
        for _ in 0..<100 { _ = try gate.enter("c", .ask, deadline: at(600), at: at(100)) }
        #expect(gate.count == 100)
    }

    @Test("where clients take turns, one request does not wait for all of another client's")
    func turns() throws {
        var gate = RequestGate<String>(limit: 512)
        // Ten milliseconds for each request in the works, and one that was late.
        for _ in 0..<8 {
            let ticket = try gate.enter("many", .ask, deadline: at(500), at: start)
            gate.leave(ticket, nil, at: at(10))
        }
        let late = try gate.enter("many", .ask, deadline: at(500), at: start)
        gate.leave(late, ImpRAGError(.cancelled, "late"), at: at(500))
        for _ in 0..<30 { _ = try gate.enter("many", .ask, deadline: at(1000), at: at(500)) }
        let error = refusal { for _ in 0..<20 { _ = try gate.enter("many", .ask, deadline: at(1000), at: at(500)) } }
        #expect(error?.message.contains("before its deadline; try again in ") == true, "\(error?.message ?? "")")
        _ = try gate.enter("few", .ask, deadline: at(1000), at: at(500))
    }
}
