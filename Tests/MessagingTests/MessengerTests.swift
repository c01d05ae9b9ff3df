import Core
import Messaging
import Synchronization
import TestSupport
import Testing
import Wire

@Suite(.serialized, .timeLimit(.minutes(20))) struct MessengerTests {
    private let fingerprint = Fingerprint(bytes: Array(0..<32))

    @Test("a request arrives with its tensors, fingerprint, deadline and caller; the reply names the node")
    func call() async throws {
        let node = try TestNode()
        defer { node.stop() }
        let client = try Messenger(name: "coordinator")
        defer { client.close() }
        let peer = try client.connect(to: node.endpoint, name: "shard-0")
        let query: [Float] = [1, 2, 3, 4, 5, 6]
        async let reply = peer.call(
            .shardSearch(ShardSearchRequest(k: 3)), tensors: [Tensor(query, shape: [2, 3])], fingerprint: fingerprint,
            deadline: .soon)
        let request = try await node.next()
        #expect(request.body == .shardSearch(ShardSearchRequest(k: 3)))
        #expect(try request.tensors[0].floats("query vectors", shape: [nil, 3]) == query)
        #expect(request.fingerprint == fingerprint)
        #expect(request.claimedName == "coordinator")
        #expect((1...900_000).contains(request.deadline.remainingMilliseconds))
        let found = ShardSearchReply(queries: [QueryHits(passages: [])], passagesSearched: 12)
        request.reply(.shardSearch(found), tensors: [Tensor([7, 8] as [Int32], shape: [2])])
        #expect(try await reply.body == .shardSearch(found))
        #expect(try await reply.node == "shard-0")
        #expect(try await reply.tensors[0].integers("rows", shape: [2]) == [7, 8])
    }

    @Test("a stream's replies arrive in order, and end")
    func stream() async throws {
        let node = try TestNode { request in
            for index in 0..<1000 {
                request.reply(.token(AnswerToken(text: "\(index)", token: 1, logprob: 0)), more: true)
            }
            request.reply(.ping)
        }
        defer { node.stop() }
        let client = try Messenger(name: "")
        defer { client.close() }
        let peer = try client.connect(to: node.endpoint, name: "generator")
        var texts: [String] = []
        for try await reply in try peer.stream(.status, deadline: .soon) {
            if case .token(let token) = reply.body { texts.append(token.text) }
        }
        #expect(texts == (0..<1000).map(String.init))
    }

    @Test("a client that goes away cancels its requests at the next reply, and nobody else's")
    func abandoned() async throws {
        let node = try TestNode()
        defer { node.stop() }
        let stayer = try Messenger(name: "")
        defer { stayer.close() }
        let kept = try stayer.connect(to: node.endpoint, name: "generator").stream(.status, deadline: .soon)
        let other = try await node.next()
        // A raw socket, because a messenger sends a cancel when it closes.
        let request: IncomingRequest
        do {
            let client = try RawClient(to: node.endpoint)
            try client.send(Envelope(requestID: 9, deadlineMilliseconds: 900_000, body: .request(.status)))
            request = try await node.next()
        }
        let token = Reply.token(AnswerToken(text: "x", token: 1, logprob: 0))
        #expect(
            try await eventually {
                request.reply(token, more: true)
                return request.isCancelled
            })
        #expect(!request.reply(token, more: true))
        #expect(node.messenger.counters.abandoned == 1)
        other.reply(.ping)
        #expect(try await kept.next()?.body == .ping)
    }

    @Test("a client that does not read is dropped, without stopping the others")
    func slowReader() async throws {
        var limits = MessagingLimits()
        limits.messagesPerConnection = 10
        let node = try TestNode(limits: limits)
        defer { node.stop() }
        let slow = try RawClient(to: node.endpoint)
        try slow.send(Envelope(requestID: 9, deadlineMilliseconds: 900_000, body: .request(.status)))
        let request = try await node.next()
        let text = String(repeating: "long ", count: 20_000)
        #expect(
            try await eventually {
                request.reply(.token(AnswerToken(text: text, token: 1, logprob: 0)), more: true)
                return request.isCancelled
            })
        // Once it reads again, it learns that the answer is not whole.
        var last = try await slow.receive()
        while last.more { last = try await slow.receive() }
        guard case .reply(.failure(let failure)) = last.body else {
            Issue.record("no failure after the replies that were there")
            return
        }
        #expect(failure.code == .resourceExhausted)
        let client = try Messenger(name: "")
        defer { client.close() }
        try await client.connect(to: node.endpoint, name: "generator").ping(deadline: .soon)
    }

    @Test("replies come without a gap or end with a failure, even when the handler finished long ago")
    func noGaps() async throws {
        var limits = MessagingLimits()
        limits.messagesPerConnection = 10
        let count = 5000
        let node = try TestNode(limits: limits) { request in
            for index in 0..<count {
                request.reply(.token(AnswerToken(text: "", token: Int32(index), logprob: 0)), more: true)
            }
            request.reply(.ping)
        }
        defer { node.stop() }
        let client = try Messenger(name: "", limits: limits)
        defer { client.close() }
        let replies = try client.connect(to: node.endpoint, name: "generator").stream(.status, deadline: .soon)
        var tokens: [Int32?] = []
        do throws(ImpRAGError) {
            while let reply = try await replies.next() {
                if case .token(let token) = reply.body { tokens.append(token.token) }
            }
            #expect(tokens.count == count)
        } catch {
            #expect(error.code == .resourceExhausted)
        }
        #expect(tokens == (0..<tokens.count).map(Int32.init))
    }

    @Test("a duplicate reply is ignored; a missing one ends its call")
    func numberedReplies() async throws {
        let directory = try TemporaryDirectory()
        let endpoint = "ipc://" + directory.file("server")
        let server = try RawServer(at: endpoint)
        let client = try Messenger(name: "")
        defer { client.close() }
        let peer = try client.connect(to: endpoint, name: "generator")
        func reply(_ request: (routingID: [UInt8], envelope: Envelope), _ numbers: [UInt32]) throws {
            for number in numbers {
                let token = AnswerToken(text: "\(number)", token: 1, logprob: 0)
                let envelope = Envelope(
                    requestID: request.envelope.requestID, more: number < 3, replyNumber: number,
                    body: .reply(number < 3 ? .token(token) : .ping))
                try server.send(request.routingID, [envelope.encoded()])
            }
        }
        func texts(of replies: ReplyStream) async throws(ImpRAGError) -> [String] {
            var texts: [String] = []
            while let reply = try await replies.next() {
                if case .token(let token) = reply.body { texts.append(token.text) }
            }
            return texts
        }
        let whole = try peer.stream(.status, deadline: .soon)
        try reply(try await server.receive(), [0, 0, 1, 0, 2, 1, 3])
        #expect(try await texts(of: whole) == ["0", "1", "2"])
        let torn = try peer.stream(.status, deadline: .soon)
        try reply(try await server.receive(), [0, 2])
        let error = await #expect(throws: ImpRAGError.self) { try await texts(of: torn) }
        #expect(error?.code == .unavailable && error?.message.contains("replies were lost") == true)
        #expect(client.counters.doubled == 3)
    }

    @Test("a reply that is too large becomes a failure that says so")
    func largeReply() async throws {
        var limits = MessagingLimits()
        limits.replyEnvelopeBytes = 1000
        let node = try TestNode(limits: limits) { request in
            let text = String(repeating: "x", count: 2000)
            request.reply(.token(AnswerToken(text: text, token: 1, logprob: 0)), more: true)
        }
        defer { node.stop() }
        let client = try Messenger(name: "")
        defer { client.close() }
        let peer = try client.connect(to: node.endpoint, name: "shard-0")
        let error = await #expect(throws: ImpRAGError.self) { try await peer.call(.status, deadline: .soon) }
        #expect(error?.code == .resourceExhausted)
    }

    @Test("replies that find no room in the queue end their request with a failure, not with silence")
    func fullQueue() async throws {
        var limits = MessagingLimits()
        limits.queuedMessages = 100
        // On the I/O thread, so that nothing leaves the queue meanwhile.
        let node = try TestNode(limits: limits) { request in
            let token = Reply.token(AnswerToken(text: "x", token: 1, logprob: 0))
            while request.reply(token, more: true) {}
        }
        defer { node.stop() }
        let client = try Messenger(name: "")
        defer { client.close() }
        let replies = try client.connect(to: node.endpoint, name: "generator").stream(.status, deadline: .soon)
        let error = await #expect(throws: ImpRAGError.self) { while try await replies.next() != nil {} }
        #expect(error?.code == .resourceExhausted)
    }

    @Test("many callers at once each get their own answer")
    func concurrent() async throws {
        let node = try TestNode { request in
            guard case .shardSearch(let search) = request.body else { return }
            request.reply(
                .shardSearch(ShardSearchReply(queries: [], passagesSearched: search.k)), tensors: request.tensors)
        }
        defer { node.stop() }
        let client = try Messenger(name: "")
        defer { client.close() }
        let peer = try client.connect(to: node.endpoint, name: "shard-0")
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<500 {
                group.addTask {
                    let reply = try await peer.call(
                        .shardSearch(ShardSearchRequest(k: index)),
                        tensors: [Tensor([Float](repeating: Float(index), count: index), shape: [index])],
                        deadline: .soon)
                    let numbers = try reply.tensors[0].floats("echo", shape: [index])
                    return reply.body == .shardSearch(ShardSearchReply(queries: [], passagesSearched: index))
                        && numbers == [Float](repeating: Float(index), count: index)
                }
            }
            for try await isRight in group { #expect(isRight) }
        }
    }

    @Test("what a messenger is to perform is done in order, and sends messages; after its end it is refused")
    func perform() async throws {
        let node = try TestNode()
        defer { node.stop() }
        let client = try Messenger(name: "coordinator")
        defer { client.close() }
        let peer = try client.connect(to: node.endpoint, name: "shard-0")
        let (events, teller) = AsyncStream.makeStream(of: String.self)
        try client.perform {
            teller.yield("first")
            do throws(ImpRAGError) {
                _ = try peer.call(.ping, deadline: .soon) { event in teller.yield(event.failure?.rawValue ?? "answer") }
            } catch {
                teller.yield("\(error)")
            }
        }
        try client.perform { teller.yield("second") }
        var iterator = events.makeAsyncIterator()
        #expect(await iterator.next() == "first")
        #expect(await iterator.next() == "second")
        #expect(await iterator.next() == "answer")
        client.close()
        let error = #expect(throws: ImpRAGError.self) { try client.perform { teller.yield("late") } }
        #expect(error?.code == .unavailable)
        teller.finish()
        #expect(await iterator.next() == nil)
    }

    @Test("a messenger can be closed at any moment")
    func closeAtOnce() throws {
        for round in 0..<300 {
            let messenger = try Messenger(name: "shard-0")
            if round % 2 == 0 { try messenger.listen(on: "tcp://127.0.0.1:*") { _ in } }
            if round % 3 == 0 { _ = try messenger.connect(to: "tcp://127.0.0.1:1", name: "nobody") }
            messenger.close()
        }
    }

    @Test("closing twice is like closing once; calls then fail with unavailable")
    func close() async throws {
        let client = try Messenger(name: "")
        let node = try TestNode()
        let peer = try client.connect(to: node.endpoint, name: "shard-0")
        let pending = Task { try await peer.call(.status, deadline: .soon) }
        let request = try await node.next()
        client.close()
        client.close()
        #expect(try await eventually { request.isCancelled })
        let error = await #expect(throws: ImpRAGError.self) { try await pending.value }
        #expect(error?.code == .unavailable)
        #expect(throws: ImpRAGError.self) { try peer.stream(.status, deadline: .soon) }
        #expect(throws: ImpRAGError.self) { try client.listen(on: "tcp://127.0.0.1:*") { _ in } }
        node.stop()
    }
}
