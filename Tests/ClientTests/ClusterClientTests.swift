import Client
import Core
import Messaging
import TestSupport
import Testing
import Wire

@Suite(.serialized, .timeLimit(.minutes(20))) struct ClusterClientTests {
    private let soon = 900_000

    @Test("an answer comes as sources, tokens and the end")
    func ask() async throws {
        let coordinator = try FakeCoordinator()
        defer { coordinator.stop() }
        let client = try ClusterClient(endpoint: coordinator.endpoint)
        defer { client.close() }
        var events: [AskEvent] = []
        for try await event in try client.ask(AskRequest(prompt: "Q"), deadline: .after(milliseconds: soon)) {
            events.append(event)
        }
        #expect(events.first == .sources(FakeCoordinator.sources))
        #expect(events.last == .done(FakeCoordinator.done))
        let texts: [String] = events.compactMap { event in
            if case .token(let token) = event { token.text } else { nil }
        }
        #expect(texts == FakeCoordinator.words)
        #expect(events.count == texts.count + 2)
    }

    @Test("search and status have one reply each")
    func searchAndStatus() async throws {
        let coordinator = try FakeCoordinator()
        defer { coordinator.stop() }
        let client = try ClusterClient(endpoint: coordinator.endpoint)
        defer { client.close() }
        let found = try await client.search(SearchRequest(prompt: "Q", k: 1), deadline: .after(milliseconds: soon))
        #expect(found.passages == Array(FakeCoordinator.sources.passages.prefix(1)))
        #expect(found.completeness == FakeCoordinator.completeness)
        let nodes = try await client.status(deadline: .after(milliseconds: soon))
        #expect(nodes == [NodeStatus(name: "coordinator", role: .coordinator, state: .ready)])
    }

    @Test("texts come back as vectors; a reply that is not one for each of them is refused")
    func embed() async throws {
        let coordinator = try FakeCoordinator()
        defer { coordinator.stop() }
        let client = try ClusterClient(endpoint: coordinator.endpoint)
        defer { client.close() }
        func embed(_ texts: [String]) async throws(ImpRAGError) -> Embeddings {
            try await client.embed(EmbedRequest(texts: texts, role: .passage), deadline: .after(milliseconds: soon))
        }
        let embeddings = try await embed(["a", "cut"])
        #expect(embeddings.dimension == 2 && embeddings.vectors == [1, 0.5, 3, 0.5])
        #expect(Array(embeddings.vector(1)) == [3, 0.5] && embeddings.tokenCounts == [1, 3])
        #expect(embeddings.cuts == [false, true] && embeddings.fingerprint == FakeCoordinator.fingerprint)
        for texts in [["short", "a"], ["nobody's"]] {
            let error = await #expect(throws: ImpRAGError.self) { try await embed(texts) }
            #expect(error?.code == .failedPrecondition, "\(texts)")
        }
    }

    @Test("collections are those of all coordinators that answer, each once")
    func collections() async throws {
        let coordinators = [try FakeCoordinator(), try FakeCoordinator()]
        defer { for coordinator in coordinators { coordinator.stop() } }
        let client = try ClusterClient(endpoints: coordinators.map(\.endpoint) + ["tcp://127.0.0.1:1"])
        defer { client.close() }
        let found = try await client.collections(deadline: .after(milliseconds: soon))
        #expect(found.count == 1 && found[0].name.isEmpty && found[0].isReady && found[0].passages == 0)
        let lost = try ClusterClient(endpoints: ["tcp://127.0.0.1:1", "tcp://127.0.0.1:2"])
        defer { lost.close() }
        let error = await #expect(throws: ImpRAGError.self) {
            try await lost.collections(deadline: .after(milliseconds: soon))
        }
        #expect(error?.code == .unavailable)
        // Who asks may go away meanwhile.
        let left = Task { try await lost.collections(deadline: .after(milliseconds: soon)) }
        left.cancel()
        let cancelled = await #expect(throws: ImpRAGError.self) { try await left.value }
        #expect(cancelled?.code == .cancelled || cancelled?.code == .unavailable)
    }

    @Test("a collection is what its cluster says: of replicas, the one that is furthest")
    func collectionStatus() throws {
        let nodes = [
            NodeStatus(
                name: "c", role: .coordinator, state: .ready, epoch: 5, collection: "wiki-1",
                aliases: ["wiki", "best"],
                dimension: 64),
            NodeStatus(
                name: "a", role: .shard, state: .ready,
                partitions: [
                    PartitionFigures(partition: 0, passages: 10, epoch: 4),
                    PartitionFigures(partition: 1, passages: 7, epoch: 5),
                ]),
            NodeStatus(
                name: "b", role: .shard, state: .loading,
                partitions: [PartitionFigures(partition: 0, passages: 12, epoch: 5)]),
        ]
        let collection = try #require(CollectionStatus(nodes))
        #expect(
            json(collection).line
                == #"{"id":"wiki-1","object":"collection","name":"wiki-1","aliases":["best","wiki"],"partitions":2,"#
                + #""passages":19,"epoch":5,"dimension":64,"fingerprint":null,"ready":false}"#)
        #expect(CollectionStatus([nodes[1]]) == nil)
    }

    @Test("updates bring back their epoch, and what they did when they wait until it is found")
    func updates() async throws {
        let coordinator = try FakeCoordinator()
        defer { coordinator.stop() }
        let client = try ClusterClient(endpoint: coordinator.endpoint)
        defer { client.close() }
        let passages = ["a", "b", "c"].map {
            Passage(id: $0, title: "", text: "t", metadata: ["lang": .string("en")])
        }
        let deadline = Deadline.after(milliseconds: soon)
        #expect(try await client.upsert(passages, deadline: deadline) == UpsertReply(epoch: 7))
        #expect(
            try await client.upsert(passages, wait: .found, deadline: deadline)
                == UpsertReply(epoch: 7, found: true, replaced: 1, inserted: 2))
        #expect(try await client.delete(ids: ["a", "b"], deadline: deadline) == DeleteReply(epoch: 8))
        #expect(
            try await client.delete(ids: ["a", "b"], wait: .found, deadline: deadline)
                == DeleteReply(epoch: 8, found: true, deleted: 2))
    }

    @Test("a reply that ignores the update's wait is refused: a search might not find it")
    func ignoredWait() async throws {
        let coordinator = try FakeCoordinator()
        defer { coordinator.stop() }
        let client = try ClusterClient(endpoint: coordinator.endpoint)
        defer { client.close() }
        let deadline = Deadline.after(milliseconds: soon)
        let passage = Passage(id: "old", title: "", text: "t")
        let upsert = await #expect(throws: ImpRAGError.self) {
            try await client.upsert([passage], wait: .found, deadline: deadline)
        }
        #expect(upsert?.code == .failedPrecondition)
        #expect(upsert?.message.contains("did not wait") == true)
        let delete = await #expect(throws: ImpRAGError.self) {
            try await client.delete(ids: ["old"], wait: .found, deadline: deadline)
        }
        #expect(delete?.code == .failedPrecondition)
    }

    @Test("a reply that ignores the request's filter is refused: its passages may be the wrong ones")
    func ignoredFilter() async throws {
        let coordinator = try FakeCoordinator()
        defer { coordinator.stop() }
        let client = try ClusterClient(endpoint: coordinator.endpoint)
        defer { client.close() }
        let options = SearchOptions(filter: .equals(field: "lang", .string("en")))
        _ = try await client.search(
            SearchRequest(prompt: "new", k: 1, options: options), deadline: .after(milliseconds: soon))
        let search = await #expect(throws: ImpRAGError.self) {
            try await client.search(
                SearchRequest(prompt: "old", k: 1, options: options), deadline: .after(milliseconds: soon))
        }
        #expect(search?.code == .failedPrecondition)
        #expect(search?.message.contains("ignored the filter") == true)
        let answer = try client.ask(AskRequest(prompt: "old", options: options), deadline: .after(milliseconds: soon))
        let ask = await #expect(throws: ImpRAGError.self) { try await answer.next() }
        #expect(ask?.code == .failedPrecondition)
    }

    @Test("a reply that ignores the request's words is refused: its passages are other ones")
    func ignoredWords() async throws {
        let coordinator = try FakeCoordinator()
        defer { coordinator.stop() }
        let client = try ClusterClient(endpoint: coordinator.endpoint)
        defer { client.close() }
        let words = WordsOptions(mode: .fuse)
        _ = try await client.search(
            SearchRequest(prompt: "new", k: 1, words: words), deadline: .after(milliseconds: soon))
        let search = await #expect(throws: ImpRAGError.self) {
            try await client.search(
                SearchRequest(prompt: "old", k: 1, words: words), deadline: .after(milliseconds: soon))
        }
        #expect(search?.code == .failedPrecondition)
        #expect(search?.message.contains("ignored the words") == true)
        let answer = try client.ask(AskRequest(prompt: "old", words: words), deadline: .after(milliseconds: soon))
        let ask = await #expect(throws: ImpRAGError.self) { try await answer.next() }
        #expect(ask?.code == .failedPrecondition)
    }

    @Test("an answer of a cluster that does not look for reasons to abstain is refused at its end")
    func ignoredReasons() async throws {
        let coordinator = try FakeCoordinator()
        defer { coordinator.stop() }
        let client = try ClusterClient(endpoint: coordinator.endpoint)
        defer { client.close() }
        let answer = try client.ask(AskRequest(prompt: "Q", abstains: true), deadline: .after(milliseconds: soon))
        let error = await #expect(throws: ImpRAGError.self) { for try await _ in answer {} }
        #expect(error?.code == .failedPrecondition && error?.message.contains("reasons to abstain") == true)
    }

    @Test("a failure of the cluster is thrown with its code, message and node")
    func failure() async throws {
        let coordinator = try FakeCoordinator()
        defer { coordinator.stop() }
        let client = try ClusterClient(endpoint: coordinator.endpoint)
        defer { client.close() }
        let answer = try client.ask(AskRequest(prompt: "fail"), deadline: .after(milliseconds: soon))
        let error = await #expect(throws: ImpRAGError.self) { try await answer.next() }
        #expect(error?.code == .unavailable)
        #expect(error?.message == "shard-1 does not answer")
        #expect((error?.cause as? RemoteFailure)?.node == "shard-1")
    }

    @Test("a reply of another kind is refused, not misread")
    func nonsense() async throws {
        let coordinator = try FakeCoordinator()
        defer { coordinator.stop() }
        let client = try ClusterClient(endpoint: coordinator.endpoint)
        defer { client.close() }
        let answer = try client.ask(AskRequest(prompt: "nonsense"), deadline: .after(milliseconds: soon))
        let error = await #expect(throws: ImpRAGError.self) { try await answer.next() }
        #expect(error?.code == .failedPrecondition)
    }

    @Test("cancelling an answer cancels it on the cluster")
    func cancel() async throws {
        let (requests, sink) = AsyncStream.makeStream(of: IncomingRequest.self)
        let coordinator = try FakeCoordinator { sink.yield($0) }
        defer { coordinator.stop() }
        let client = try ClusterClient(endpoint: coordinator.endpoint)
        defer { client.close() }
        let answer = try client.ask(AskRequest(prompt: "hang"), deadline: .after(milliseconds: soon))
        var iterator = requests.makeAsyncIterator()
        let request = try #require(await iterator.next())
        answer.cancel()
        let error = await #expect(throws: ImpRAGError.self) { try await answer.next() }
        #expect(error?.code == .cancelled)
        #expect(await isCancelled(request))
    }

    @Test("nobody at the endpoint is unavailable, with the endpoint")
    func nobody() async throws {
        let directory = try TemporaryDirectory()
        let client = try ClusterClient(endpoint: "ipc://" + directory.file("nobody"))
        defer { client.close() }
        let error = await #expect(throws: ImpRAGError.self) {
            try await client.status(deadline: .after(milliseconds: 60_000))
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("nobody") == true)
    }
}

/// Returns when the request is cancelled.
func isCancelled(_ request: IncomingRequest) async -> Bool {
    await withCheckedContinuation { continuation in
        request.onCancel { continuation.resume(returning: true) }
    }
}
