import Testing

@testable import Coordinator

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
}
