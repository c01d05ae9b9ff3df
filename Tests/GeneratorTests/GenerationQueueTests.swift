import Cluster
import Core
import Model
import Testing

@testable import Generator

struct GenerationQueueTests {
    private func order(_ id: Int, _ client: String, resumed: Int = 0, tokens: Int = 10) throws -> GenerationOrder {
        var job = GenerationJob(
            state: PromptState(
                tokens: Array(repeating: 0, count: tokens), requestedPassages: 0, hidden: [], keys: .f32([]),
                values: .f32([]), queryEmbedding: []),
            passages: [], encoding: .segmented, sampling: try Sampling(maxTokens: 5))
        job.resumeTokens = Array(repeating: 1, count: resumed)
        return GenerationOrder(id: id, job: job, deadline: .never, arrival: .now, client: RemoteClient(node: client))
    }

    /// Takes all orders.
    private func drained(_ queue: GenerationQueue) -> [Int] {
        var queue = queue
        var ids: [Int] = []
        while let order = queue.next() { ids.append(order.id) }
        #expect(queue.isEmpty && queue.count == 0)
        return ids
    }

    @Test("clients take turns, and each one's orders come as they arrived")
    func turns() throws {
        var queue = GenerationQueue(limit: 100)
        for id in 1...60 { #expect(queue.append(try order(id, "many")) == .admitted) }
        #expect(queue.append(try order(100, "one")) == .admitted)
        #expect(queue.append(try order(200, "two")) == .admitted)
        #expect(queue.append(try order(201, "two")) == .admitted)
        #expect(queue.count == 63)
        #expect(drained(queue) == [1, 100, 200, 2, 201] + Array(3...60))
    }

    @Test("the client that holds the fewest places comes first; who holds too many gets none")
    func places() throws {
        var queue = GenerationQueue(limit: 100)
        for id in 1...3 { _ = queue.append(try order(id, "many")) }
        _ = queue.append(try order(10, "one"))
        _ = queue.append(try order(20, "many", resumed: 1))
        var places = GenerationPlaces()
        for _ in 0..<4 { places.take(RemoteClient(node: "many")) }
        #expect(places.most == 4)
        places.limit = 3
        #expect(queue.next(places)?.id == 10)
        #expect(queue.next(places) == nil && queue.count == 4)
        places.limit = .max
        #expect([queue.next(places)?.id, queue.next(places)?.id] == [20, 1])
    }

    @Test("a full queue makes room for a client with fewer orders, at the cost of the latest of the one with the most")
    func full() throws {
        var queue = GenerationQueue(limit: 4)
        for id in 1...4 { _ = queue.append(try order(id, "many")) }
        #expect(queue.append(try order(5, "many")) == .full)
        #expect(queue.append(try order(10, "one")) == .inPlaceOf(4))
        #expect(queue.append(try order(11, "one")) == .inPlaceOf(3))
        #expect(queue.append(try order(12, "one")) == .full)
        #expect(queue.append(try order(6, "many")) == .full)
        #expect(drained(queue) == [1, 10, 2, 11])
    }

    @Test("answers that another generator has begun come first, and have room of their own")
    func moved() throws {
        var queue = GenerationQueue(limit: 2)
        for id in 1...2 { _ = queue.append(try order(id, "many")) }
        #expect(queue.append(try order(3, "many", resumed: 7)) == .admitted)
        #expect(queue.append(try order(4, "many", resumed: 1)) == .admitted)
        #expect(queue.append(try order(5, "one", resumed: 1)) == .full)
        #expect(drained(queue) == [3, 4, 1, 2])
    }

    @Test("what a client has before it is what the turns say")
    func ahead() throws {
        var queue = GenerationQueue(limit: 100)
        func ahead(of client: String) -> (requests: Int, readTokens: Int) {
            queue.ahead(of: RemoteClient(node: client))
        }
        #expect(ahead(of: "a") == (0, 0))
        for id in 1...5 { _ = queue.append(try order(id, "a")) }
        _ = queue.append(try order(10, "b"))
        _ = queue.append(try order(20, "c", resumed: 7))
        #expect(ahead(of: "a") == (7, 77))
        // One of its own, two of the other's, and the moved one.
        #expect(ahead(of: "b") == (4, 47))
        #expect(ahead(of: "new") == (3, 37))
        #expect(queue.loads[RemoteClient(node: "a")] == GenerationForecast.Load(requests: 5, unreadTokens: 50))
        #expect(queue.loads[RemoteClient(node: "c")] == GenerationForecast.Load(requests: 1, unreadTokens: 17))
    }

    @Test("orders that nobody wants are removed, whoever sent them")
    func removal() throws {
        var queue = GenerationQueue(limit: 100)
        for id in 1...6 { _ = queue.append(try order(id, id < 4 ? "a" : "b", resumed: id % 3 == 0 ? 1 : 0)) }
        #expect(Set(queue.removeAll { $0.id % 2 == 1 || $0.id == 2 }) == [1, 2, 3, 5])
        #expect(drained(queue) == [6, 4])
    }
}
