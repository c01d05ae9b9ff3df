import TestSupport
import Testing

@testable import Messaging

@Suite struct TimerHeapTests {
    @Test("keys come out in the order of their times, and never early")
    func order() {
        var random = SeededGenerator(seed: 6)
        let start = ContinuousClock.now
        for count in [0, 1, 2, 3, 10, 1000] {
            var heap = TimerHeap<Int>()
            let moments = (0..<count).map { _ in Int.random(in: 0..<100, using: &random) }
            for moment in moments { heap.add(moment, at: start + .milliseconds(moment)) }
            var popped: [Int] = []
            for now in stride(from: -1, through: 104, by: 7) {
                while let key = heap.popDue(at: start + .milliseconds(now)) {
                    #expect(key <= now)
                    popped.append(key)
                }
            }
            #expect(popped == moments.sorted())
        }
    }

    @Test("timers that nobody needs any more do not pile up")
    func compaction() {
        var heap = TimerHeap<Int>()
        let start = ContinuousClock.now
        for key in 0..<100_000 {
            heap.add(key, at: start + .seconds(key % 1000))
            heap.compact(live: 10) { $0 > 99_980 }
        }
        #expect(heap.count < 2000)
        var last = start
        while let next = heap.next, heap.popDue(at: next) != nil {
            #expect(next >= last)
            last = next
        }
    }
}
