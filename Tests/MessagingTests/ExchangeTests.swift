import Cluster
import Core
import Messaging
import SimulatedWorld
import Synchronization
import TestSupport
import Testing
import Wire

/// What a messenger promises whatever its transport: deadlines, cancellation, lost connections, in simulated time.
@Suite(.simulated) struct ExchangeTests {
    @Test("a failure keeps its code, its message and the node where it happened, over two hops")
    func failure() async throws {
        let shard = try TestNode(name: "shard-7") { $0.fail(ImpRAGError(.dataLoss, "block 3 is damaged")) }
        defer { shard.stop() }
        let environment = NodeEnvironment.inTest
        let middle = try testClient("coordinator")
        defer { middle.close() }
        let toShard = try middle.connect(to: shard.endpoint, name: "shard-7")
        let coordinator = try TestNode(name: "coordinator") { request in
            environment.task {
                do throws(ImpRAGError) {
                    _ = try await toShard.call(.status, deadline: request.deadline)
                } catch {
                    request.fail(error)
                }
            }
        }
        defer { coordinator.stop() }
        let client = try testClient()
        defer { client.close() }
        let peer = try client.connect(to: coordinator.endpoint, name: "coordinator")
        let error = await #expect(throws: ImpRAGError.self) { try await peer.call(.status, deadline: .soon) }
        #expect(error?.code == .dataLoss)
        #expect(error?.message == "block 3 is damaged")
        #expect((error?.cause as? RemoteFailure)?.node == "shard-7")
    }

    @Test("a call whose deadline passes fails with the peer's name, and the peer's work is cancelled")
    func deadline() async throws {
        let node = try TestNode()
        defer { node.stop() }
        let client = try testClient()
        defer { client.close() }
        let peer = try client.connect(to: node.endpoint, name: "shard-0")
        let reply = SimulatedTest.task { try await peer.call(.status, deadline: .inTest(milliseconds: 200)) }
        let request = try await node.next()
        let error = await #expect(throws: ImpRAGError.self) { try await reply.value }
        #expect(error?.code == .deadlineExceeded)
        #expect(error?.message.contains("shard-0") == true)
        #expect(try await eventually { request.isCancelled })
        #expect(!request.reply(.ping))
        // The connection is still good.
        try await peer.ping(deadline: .soon)
    }

    @Test("a deadline that has passed is not sent")
    func passedDeadline() throws {
        let client = try testClient()
        defer { client.close() }
        let peer = try client.connect(to: "tcp://127.0.0.1:1", name: "shard-0")
        let error = #expect(throws: ImpRAGError.self) {
            try peer.stream(.status, deadline: .inTest(milliseconds: -5))
        }
        #expect(error?.code == .deadlineExceeded)
    }

    @Test("a peer that was never there is soon reported unavailable, with its name and address")
    func nobodyThere() async throws {
        let directory = try TemporaryDirectory()
        var limits = MessagingLimits()
        limits.connectMilliseconds = 50
        let client = try testClient(limits: limits)
        defer { client.close() }
        let peer = try client.connect(to: "ipc://" + directory.file("nobody"), name: "shard-0")
        for _ in 0..<2 {
            let error = await #expect(throws: ImpRAGError.self) { try await peer.call(.status, deadline: .soon) }
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("shard-0") == true)
            #expect(error?.message.contains("nobody") == true)
        }
    }

    @Test("who does not want to wait for a peer to listen hears at once that nobody does")
    func refusedAtOnce() async throws {
        let directory = try TemporaryDirectory()
        var limits = MessagingLimits()
        limits.connectMilliseconds = tenSeconds
        limits.waitsForListener = false
        let client = try testClient(limits: limits)
        defer { client.close() }
        let peer = try client.connect(to: "ipc://" + directory.file("nobody"), name: "shard-0")
        for _ in 0..<2 {
            let error = await #expect(throws: ImpRAGError.self) {
                try await peer.call(.status, deadline: .inTest(milliseconds: tenSeconds / 2))
            }
            #expect(error?.code == .unavailable)
        }
    }

    @Test("calls made before the peer listens are sent when it does")
    func lateListener() async throws {
        let directory = try TemporaryDirectory()
        var limits = MessagingLimits()
        limits.connectMilliseconds = tenSeconds
        let client = try testClient(limits: limits)
        defer { client.close() }
        let endpoint = "ipc://" + directory.file("late")
        let peer = try client.connect(to: endpoint, name: "shard-0")
        async let pong: Void = peer.ping(deadline: .soon)
        try await SimulatedTest.pass(milliseconds: 5000)
        let server = try testClient("shard-0")
        defer { server.close() }
        try server.listen(on: endpoint) { _ in }
        try await pong
        #expect(peer.isConnected)
    }

    @Test("a connection that is given up ends with the calls that it has, and takes no others")
    func disconnected() async throws {
        let node = try TestNode()
        defer { node.stop() }
        let client = try testClient()
        defer { client.close() }
        let peer = try client.connect(to: node.endpoint, name: "shard-0")
        let reply = SimulatedTest.task { try await peer.call(.status, deadline: .soon) }
        let request = try await node.next()
        peer.disconnect()
        let error = await #expect(throws: ImpRAGError.self) { try await peer.ping(deadline: .soon) }
        #expect(error?.code == .unavailable && error?.message.contains("given up") == true)
        #expect(peer.isConnected)
        #expect(request.reply(.ping))
        _ = try await reply.value
        #expect(try await eventually { !peer.isConnected })
        let last = await #expect(throws: ImpRAGError.self) { try await peer.ping(deadline: .soon) }
        #expect(last?.message.contains("given up") == true)
        // Another one to the same place is a connection like any.
        try await client.connect(to: node.endpoint, name: "shard-0").ping(deadline: .soon)
    }

    @Test("when a peer goes away its calls fail at once, and it is found again when it is back")
    func lostConnection() async throws {
        let directory = try TemporaryDirectory()
        let endpoint = "ipc://" + directory.file("node")
        let first = try testClient("shard-0")
        try first.listen(on: endpoint) { request in
            // Held forever: only the stop ends it.
            request.onCancel { _ = request }
        }
        let client = try testClient()
        defer { client.close() }
        let peer = try client.connect(to: endpoint, name: "shard-0")
        try await peer.ping(deadline: .soon)
        let reply = SimulatedTest.task { try await peer.call(.status, deadline: .soon) }
        try await peer.ping(deadline: .soon)
        first.close()
        let error = await #expect(throws: ImpRAGError.self) { try await reply.value }
        #expect(error?.code == .unavailable)
        #expect(try await eventually { !peer.isConnected })
        let again = await #expect(throws: ImpRAGError.self) { try await peer.call(.status, deadline: .soon) }
        #expect(again?.code == .unavailable)
        let second = try testClient("shard-0")
        defer { second.close() }
        try second.listen(on: endpoint) { $0.reply(.ping) }
        #expect(try await eventually { peer.isConnected })
        _ = try await peer.call(.status, deadline: .soon)
    }

    @Test("cancelling the task that reads, or dropping the stream, cancels that request and no other")
    func cancel() async throws {
        let node = try TestNode()
        defer { node.stop() }
        let client = try testClient()
        defer { client.close() }
        let peer = try client.connect(to: node.endpoint, name: "generator")
        let kept = try peer.stream(.status, deadline: .soon)
        let other = try await node.next()

        let reading = SimulatedTest.task { try await peer.call(.status, deadline: .soon) }
        let cancelled = try await node.next()
        let called = Mutex(false)
        cancelled.onCancel { called.withLock { $0 = true } }
        reading.cancel()
        let error = await #expect(throws: ImpRAGError.self) { try await reading.value }
        #expect(error?.code == .cancelled)
        #expect(try await eventually { cancelled.isCancelled && called.withLock { $0 } })

        var stream: ReplyStream? = try peer.stream(.status, deadline: .soon)
        let dropped = try await node.next()
        #expect(stream != nil)
        stream = nil
        #expect(try await eventually { dropped.isCancelled })

        #expect(!other.isCancelled)
        other.reply(.ping)
        #expect(try await kept.next()?.body == .ping)
        #expect(node.messenger.counters.cancelled == 2)
    }

    @Test("a request that its handler drops is answered, not forgotten")
    func droppedRequest() async throws {
        let node = try TestNode { _ in }
        defer { node.stop() }
        let client = try testClient()
        defer { client.close() }
        let peer = try client.connect(to: node.endpoint, name: "shard-0")
        let error = await #expect(throws: ImpRAGError.self) { try await peer.call(.status, deadline: .soon) }
        #expect(error?.code == .internal)
    }

    @Test("requests beyond the limit are refused, and accepted again when others end")
    func requestLimit() async throws {
        var limits = MessagingLimits()
        limits.requests = 2
        let node = try TestNode(limits: limits)
        defer { node.stop() }
        let client = try testClient()
        defer { client.close() }
        let peer = try client.connect(to: node.endpoint, name: "shard-0")
        let first = try peer.stream(.status, deadline: .soon)
        let second = try peer.stream(.status, deadline: .soon)
        let requests = [try await node.next(), try await node.next()]
        let error = await #expect(throws: ImpRAGError.self) { try await peer.call(.status, deadline: .soon) }
        #expect(error?.code == .resourceExhausted)
        requests[0].reply(.ping)
        requests[1].reply(.ping)
        _ = (try await first.next(), try await second.next())
        async let third = peer.call(.status, deadline: .soon)
        try await node.next().reply(.ping)
        _ = try await third
        #expect(node.messenger.counters.refused == 1)
    }
}
