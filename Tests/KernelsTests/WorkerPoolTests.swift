import Kernels
import Testing

@Suite struct WorkerPoolTests {
    @Test("every piece is done once, in jobs of every size", arguments: [1, 2, 5])
    func everyPieceOnce(threads: Int) {
        let pool = WorkerPool(threadCount: threads)
        #expect(pool.threadCount == threads)
        for count in [0, 1, 2, 3, 100, 1000] {
            #expect(pool.map(count) { $0 * $0 } == (0..<count).map { $0 * $0 })
        }
    }

    @Test("a job inside a job runs, and many callers share one pool")
    func nestedAndShared() async {
        let pool = WorkerPool(threadCount: 3)
        let total = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<50).reduce(0) { total, _ in
                        let sums = pool.map(10) { outer in pool.map(5) { outer * $0 }.reduce(0, +) }
                        return total + sums.reduce(0, +)
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(total == 8 * 50 * 450)
    }

    @Test("threads that fell asleep are found again, and jobs of no work do not outrun them", arguments: [0, 20, 500])
    func pauses(patience: Int) async {
        let pool = WorkerPool(threadCount: 4, patience: patience)
        for round in 0..<300 {
            if round % 60 == 0 { while pool.sleepingCount < 3 { await Task.yield() } }
            #expect(pool.map(round % 9) { $0 } == Array(0..<round % 9))
        }
    }

    @Test("threads that were told to rest do every job that follows")
    func rest() {
        let pool = WorkerPool(threadCount: 4, patience: 1_000_000)
        for count in 1...200 {
            #expect(pool.map(count % 7) { $0 } == Array(0..<count % 7))
            if count % 3 > 0 { pool.rest() }
        }
    }

    @Test("pools come and go without losing a thread")
    func shortLives() {
        for threads in 1...40 {
            #expect(WorkerPool(threadCount: threads % 4 + 1).map(3) { $0 } == [0, 1, 2])
        }
    }
}
