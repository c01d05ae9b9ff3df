import Client
import Core
import Messaging
import Synchronization
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

    @Test("an answer that has begun is not begun again at another coordinator; one that has not, is")
    func lost() async throws {
        let (requests, sink) = AsyncStream.makeStream(of: IncomingRequest.self)
        var started = requests.makeAsyncIterator()
        for prompt in ["half", "hang"] {
            let first = try FakeCoordinator { sink.yield($0) }
            let second = try FakeCoordinator { $0.fail(ImpRAGError(.cancelled, "it hangs here too")) }
            defer { second.stop() }
            let client = try ClusterClient(endpoints: [first.endpoint, second.endpoint])
            defer { client.close() }
            let answer = try client.ask(AskRequest(prompt: prompt), deadline: .after(milliseconds: soon))
            // Kept: a request that is dropped answers by itself.
            let open = await started.next()
            if prompt == "half" { #expect(try await answer.next() == .sources(FakeCoordinator.sources)) }
            first.stop()
            let error = await #expect(throws: ImpRAGError.self) { try await answer.next() }
            withExtendedLifetime(open) {}
            if prompt == "half" {
                #expect(error?.code == .unavailable)
                #expect(error?.message.contains("in the middle of an answer") == true, "\(error?.message ?? "")")
                #expect(second.requestCount.value == 0)
            } else {
                #expect(error?.message.contains("hangs here too") == true, "\(error?.message ?? "")")
            }
        }
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

    @Test("a request for a collection goes to the coordinator that serves it, and waits a moment while none does")
    func collections() async throws {
        let served = Mutex(["a", "b"])
        let first = try FakeCoordinator(collection: { served.withLock { $0[0] } })
        let second = try FakeCoordinator(collection: { served.withLock { $0[1] } })
        defer {
            first.stop()
            second.stop()
        }
        let endpoints = [first.endpoint, second.endpoint]
        let client = try ClusterClient(endpoints: endpoints, collection: "b")
        defer { client.close() }
        for _ in 0..<3 { _ = try await client.status(deadline: .after(milliseconds: soon)) }
        #expect(first.requestCount.value == 1 && second.requestCount.value == 3)
        let anything = try ClusterClient(endpoints: endpoints)
        defer { anything.close() }
        _ = try await anything.status(deadline: .after(milliseconds: soon))
        #expect(first.requestCount.value == 2)
        // For a moment nobody serves it.
        served.withLock { $0 = ["a", "c"] }
        let returns = Task {
            try await Task.sleep(for: .milliseconds(300))
            served.withLock { $0 = ["b", "c"] }
        }
        let passage = Passage(id: "a", title: "", text: "t")
        #expect(try await client.upsert([passage], deadline: .after(milliseconds: soon)) == UpsertReply(epoch: 7))
        try await returns.value
        served.withLock { $0 = ["a", "c"] }
        let error = await #expect(throws: ImpRAGError.self) {
            try await client.status(deadline: .after(milliseconds: soon))
        }
        #expect(error?.code == .unavailable)
        for part in ["none of 2 coordinators", "this one serves a", "this one serves c"] {
            #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
        }
    }
}
