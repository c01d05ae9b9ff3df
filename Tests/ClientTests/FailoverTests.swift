import Client
import Core
import Messaging
import TestSupport
import Testing
import Wire

/// A client with the endpoints of several coordinators.
@Suite(.serialized, .timeLimit(.minutes(20))) struct FailoverTests {
    private let soon = 900_000

    @Test("a coordinator that nobody listens for costs a moment, and the one that answered is asked first from then on")
    func deadFirst() async throws {
        let directory = try TemporaryDirectory()
        let (first, second) = (try FakeCoordinator(), try FakeCoordinator())
        defer { second.stop() }
        let nobody = "ipc://" + directory.file("nobody")
        let client = try ClusterClient(endpoints: [nobody, first.endpoint, second.endpoint])
        defer { client.close() }
        for _ in 0..<3 { _ = try await client.status(deadline: .after(milliseconds: soon)) }
        #expect(first.requestCount.value == 3 && second.requestCount.value == 0)
        let answer = try client.ask(AskRequest(prompt: "Q"), deadline: .after(milliseconds: soon))
        #expect(try await answer.next() == .sources(FakeCoordinator.sources))
        answer.cancel()
        first.stop()
        let passage = Passage(id: "a", title: "", text: "t")
        for _ in 0..<3 {
            #expect(try await client.upsert([passage], deadline: .after(milliseconds: soon)) == UpsertReply(epoch: 7))
        }
        #expect(second.requestCount.value == 3)
    }

    @Test("a coordinator that is unavailable is passed over; when all are, the error has what each said")
    func unavailable() async throws {
        let starting = try FakeCoordinator(isStarting: true)
        let serving = try FakeCoordinator()
        defer { starting.stop() }
        let client = try ClusterClient(endpoints: [starting.endpoint, serving.endpoint])
        defer { client.close() }
        let request = SearchRequest(prompt: "Q", k: 1)
        let found = try await client.search(request, deadline: .after(milliseconds: soon))
        #expect(found.passages.count == 1)
        // An error that another coordinator would give as well is the answer.
        let ignored = try client.ask(AskRequest(prompt: "nonsense"), deadline: .after(milliseconds: soon))
        #expect(await #expect(throws: ImpRAGError.self) { try await ignored.next() }?.code == .failedPrecondition)
        #expect(starting.requestCount.value == 1)
        serving.stop()
        let error = await #expect(throws: ImpRAGError.self) {
            try await client.search(request, deadline: .after(milliseconds: soon))
        }
        #expect(error?.code == .unavailable)
        for part in ["none of 2 coordinators", starting.endpoint + ": coordinator is loading", serving.endpoint] {
            #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
        }
    }

    /// Says the first `count` words of the answer, each of which may be changed.
    private func say(_ count: Int, to request: IncomingRequest, _ change: (String) -> String = { $0 }) {
        for (index, word) in FakeCoordinator.words.prefix(count).enumerated() {
            request.reply(.token(AnswerToken(text: change(word), token: Int32(index), logprob: -0.5)), more: true)
        }
    }

    @Test("an answer whose coordinator is lost goes on at another one, and nothing is said twice")
    func lost() async throws {
        let (requests, sink) = AsyncStream.makeStream(of: IncomingRequest.self)
        var started = requests.makeAsyncIterator()
        for (prompt, said) in [("half", 0), ("half", 2), ("hang", 0)] {
            let first = try FakeCoordinator { request in
                say(said, to: request)
                sink.yield(request)
            }
            let second = try FakeCoordinator { request in
                if prompt == "hang" { request.reply(.sources(FakeCoordinator.sources), more: true) }
                say(FakeCoordinator.words.count, to: request)
                request.reply(.askDone(FakeCoordinator.done))
            }
            defer { second.stop() }
            let client = try ClusterClient(endpoints: [first.endpoint, second.endpoint])
            defer { client.close() }
            let answer = try client.ask(AskRequest(prompt: prompt), deadline: .after(milliseconds: soon))
            // Kept: a request that is dropped answers by itself.
            let open = await started.next()
            var events: [AskEvent] = []
            let before = prompt == "half" ? 1 + said : 0
            while events.count < before, let event = try await answer.next() { events.append(event) }
            first.stop()
            while let event = try await answer.next() { events.append(event) }
            withExtendedLifetime(open) {}
            #expect(events.first == .sources(FakeCoordinator.sources) && events.last == .done(FakeCoordinator.done))
            let words = events.compactMap { if case .token(let token) = $0 { token.text } else { nil } }
            #expect(words == FakeCoordinator.words, "\(prompt) \(said)")
            #expect(events.count == words.count + 2)
            #expect(second.requestCount.value == 1)
        }
    }

    @Test("an answer that another coordinator begins differently is an error, not a mixture")
    func differs() async throws {
        let (requests, sink) = AsyncStream.makeStream(of: IncomingRequest.self)
        var started = requests.makeAsyncIterator()
        let first = try FakeCoordinator { request in
            say(1, to: request)
            sink.yield(request)
        }
        let second = try FakeCoordinator { say(2, to: $0) { $0.uppercased() } }
        defer { second.stop() }
        let client = try ClusterClient(endpoints: [first.endpoint, second.endpoint])
        defer { client.close() }
        let answer = try client.ask(AskRequest(prompt: "half"), deadline: .after(milliseconds: soon))
        let open = await started.next()
        for _ in 0..<2 { _ = try await answer.next() }
        first.stop()
        let error = await #expect(throws: ImpRAGError.self) { try await answer.next() }
        withExtendedLifetime(open) {}
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("answers differently") == true, "\(error?.message ?? "")")
    }

    @Test("a coordinator that hangs costs a second and a half of a long deadline, and less of a short one")
    func hangs() async throws {
        let hung = try HungCoordinator()
        let serving = try FakeCoordinator()
        defer { serving.stop() }
        for milliseconds in [2000, soon] {
            let client = try ClusterClient(endpoints: [hung.endpoint, serving.endpoint])
            defer { client.close() }
            let start = ContinuousClock.now
            let found = try await client.search(
                SearchRequest(prompt: "Q", k: 1), deadline: .after(milliseconds: milliseconds))
            #expect(found.passages.count == 1)
            // Far from the seven seconds after which its connection counts as lost, even on a busy machine.
            #expect(ContinuousClock.now - start < .seconds(5))
            // It is not asked first again.
            let again = ContinuousClock.now
            _ = try await client.status(deadline: .after(milliseconds: milliseconds))
            #expect(ContinuousClock.now - again < .seconds(1))
        }
        withExtendedLifetime(hung) {}
    }

    @Test("a coordinator that takes long and answers pings is waited for")
    func takesLong() async throws {
        let (requests, sink) = AsyncStream.makeStream(of: IncomingRequest.self)
        var started = requests.makeAsyncIterator()
        let slow = try FakeCoordinator { sink.yield($0) }
        let other = try FakeCoordinator()
        defer { for coordinator in [slow, other] { coordinator.stop() } }
        let client = try ClusterClient(endpoints: [slow.endpoint, other.endpoint])
        defer { client.close() }
        let answer = try client.ask(AskRequest(prompt: "hang"), deadline: .after(milliseconds: soon))
        let request = try #require(await started.next())
        try await Task.sleep(for: .milliseconds(2500))
        request.reply(.askDone(FakeCoordinator.done))
        #expect(try await answer.next() == .done(FakeCoordinator.done))
        #expect(other.requestCount.value == 0)
    }

    @Test("a coordinator that comes back a moment later is waited for; the deadline ends the wait")
    func comesBack() async throws {
        let directory = try TemporaryDirectory()
        let endpoints = ["a", "b"].map { "ipc://" + directory.file($0) }
        let client = try ClusterClient(endpoints: endpoints)
        defer { client.close() }
        let error = await #expect(throws: ImpRAGError.self) {
            try await client.status(deadline: .after(milliseconds: 300))
        }
        #expect(error?.code == .unavailable || error?.code == .deadlineExceeded)
        // The client does not know yet: it has found nobody there, and tries again ever more rarely.
        let messenger = try Messenger(name: "b")
        defer { messenger.close() }
        try messenger.listen(on: endpoints[1]) { request in
            request.reply(.status(StatusReply(nodes: [NodeStatus(name: "b", role: .coordinator, state: .ready)])))
        }
        #expect(try await client.status(deadline: .after(milliseconds: soon)).map(\.name) == ["b"])
    }

    @Test(
        "no endpoint, and one twice, are refused",
        arguments: [[], ["ipc:///a", "ipc:///b", "ipc:///a"], ["ipc:///a", ""]])
    func refused(endpoints: [String]) {
        let error = #expect(throws: ImpRAGError.self) { try ClusterClient(endpoints: endpoints) }
        #expect(error?.code == .invalidArgument)
    }
}
