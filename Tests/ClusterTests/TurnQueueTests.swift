import Testing

@testable import Cluster

struct TurnQueueTests {
    private func drain(_ queue: inout TurnQueue<String, Int>) -> [Int] {
        var items: [Int] = []
        while let item = queue.next() { items.append(item) }
        return items
    }

    @Test("one client's items come in order, and another one's does not wait for all of them")
    func turns() {
        var queue = TurnQueue<String, Int>()
        for item in 1...4 { queue.add(item, of: "many") }
        queue.add(9, of: "few")
        #expect(drain(&queue) == [1, 9, 2, 3, 4])
        #expect(queue.isEmpty && queue.next() == nil)
    }

    @Test("what is removed is not given out, and costs its client no turn")
    func remove() {
        var queue = TurnQueue<String, Int>()
        for (item, client) in [(1, "a"), (2, "a"), (3, "b"), (4, "c")] { queue.add(item, of: client) }
        queue.remove(1, of: "a")
        queue.remove(3, of: "b")
        queue.remove(7, of: "nobody")
        #expect(drain(&queue) == [2, 4])
    }

    @Test("the client that holds the fewest comes first, and in turn among those that hold as many")
    func held() {
        var queue = TurnQueue<String, Int>()
        for (item, client) in [(1, "a"), (2, "a"), (3, "b"), (4, "c"), (5, "c")] { queue.add(item, of: client) }
        let held = ["a": 2, "b": 1, "c": 1]
        var items: [Int] = []
        while let (item, _) = queue.next(held: { held[$0] ?? 0 }) { items.append(item) }
        #expect(items == [3, 4, 5, 1, 2])
    }

    @Test("the latest of the client with the most gives way, to one with fewer alone")
    func displaced() {
        var queue = TurnQueue<String, Int>()
        for item in 1...3 { queue.add(item, of: "many") }
        #expect(queue.displaced(by: "many") == nil)
        #expect(queue.displaced(by: "few") == 3)
        queue.add(9, of: "few")
        #expect(queue.displaced(by: "few") == nil && drain(&queue) == [1, 9, 2])
    }
}
