import Core
import Platform
import Synchronization
import Testing

struct BlockingQueueTests {
    @Test("elements leave in the order they came, and a full queue refuses")
    func orderAndLimit() {
        let queue = BlockingQueue<Int>(limit: 3)
        #expect((1...4).map { queue.push($0) } == [.accepted, .accepted, .accepted, .full])
        #expect(queue.pop() == 1)
        #expect(queue.pop(upTo: 5, waiting: true) == [2, 3])
        #expect(queue.pop(upTo: 5, waiting: false) == [])
    }

    @Test("a closed queue gives out what it holds, then nothing, and takes nothing")
    func closing() {
        let queue = BlockingQueue<Int>(limit: 3)
        #expect(queue.push(1) == .accepted)
        #expect(queue.close() == 1)
        #expect(queue.push(2) == .closed)
        #expect(queue.pop() == 1)
        #expect(queue.pop() == nil)
    }

    @Test("a consumer that waits wakes up for an element and for the end")
    func waking() throws {
        let queue = BlockingQueue<Int>(limit: 100)
        let sum = Atomic(0)
        let consumers = try (0..<3).map { number in
            try NamedThread("consumer-\(number)") {
                while let element = queue.pop() { sum.add(element, ordering: .relaxed) }
            }
        }
        for element in 1...100 { while queue.push(element) == .full {} }
        queue.close()
        for consumer in consumers { consumer.join() }
        #expect(sum.load(ordering: .relaxed) == 5050)
    }

    @Test("a worker pool does every accepted job and refuses beyond its queue, naming the limit")
    func workerPool() throws {
        let pool = try JobPool(name: "worker", count: 1, queueLimit: 2)
        let gate = BlockingQueue<Int>(limit: 1)
        let started = BlockingQueue<Int>(limit: 1)
        let done = Atomic(0)
        try pool.submit {
            _ = started.push(1)
            _ = gate.pop()
            done.add(1, ordering: .relaxed)
        }
        #expect(started.pop() == 1)
        try pool.submit { done.add(1, ordering: .relaxed) }
        try pool.submit { done.add(1, ordering: .relaxed) }
        #expect(pool.waitingCount == 2)
        let error = #expect(throws: ImpRAGError.self) { try pool.submit {} }
        #expect(error?.code == .resourceExhausted)
        #expect(error?.message.contains("2 requests already wait for worker") == true)
        gate.close()
        pool.stop()
        pool.join()
        #expect(done.load(ordering: .relaxed) == 3)
        #expect(throws: ImpRAGError.self) { try pool.submit {} }
    }
}
