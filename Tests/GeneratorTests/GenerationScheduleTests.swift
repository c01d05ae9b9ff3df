import TestSupport
import Testing

@testable import Generator

struct GenerationScheduleTests {
    @Test("an idle generator waits, and takes in what comes")
    func idle() {
        var schedule = GenerationSchedule<Int>(activeLimit: 2)
        #expect(schedule.next(waiting: 0) == .wait)
        #expect(schedule.next(waiting: 1) == .admit)
    }

    @Test("active answers get one token each in turn")
    func turns() {
        var schedule = GenerationSchedule<Int>(activeLimit: 4)
        for id in 1...3 { schedule.admitted(id) }
        #expect((0..<6).map { _ in schedule.next(waiting: 0) } == [1, 2, 3, 1, 2, 3].map { .step($0) })
    }

    @Test("one request is taken in per round, and none beyond the limit")
    func admission() {
        var schedule = GenerationSchedule<Int>(activeLimit: 3)
        schedule.admitted(1)
        #expect(schedule.next(waiting: 9) == .admit)
        schedule.admitted(2)
        #expect(schedule.next(waiting: 8) == .step(1))
        #expect(schedule.next(waiting: 8) == .step(2))
        #expect(schedule.next(waiting: 8) == .admit)
        schedule.admitted(3)
        #expect((0..<6).map { _ in schedule.next(waiting: 7) } == [1, 2, 3, 1, 2, 3].map { .step($0) })
    }

    @Test("an answer that ends gives its place away, and nobody's turn is lost")
    func ending() {
        var schedule = GenerationSchedule<Int>(activeLimit: 3)
        for id in 1...3 { schedule.admitted(id) }
        #expect(schedule.next(waiting: 0) == .step(1))
        schedule.finished(1)
        #expect(schedule.next(waiting: 0) == .step(2))
        #expect(schedule.next(waiting: 0) == .step(3))
        #expect(schedule.next(waiting: 1) == .admit)
        schedule.finished(99)
        #expect(schedule.active == [2, 3])
    }

    @Test("requests that fail when they are taken in do not block those behind them or those in the making")
    func failingAdmissions() {
        var schedule = GenerationSchedule<Int>(activeLimit: 3)
        #expect(schedule.next(waiting: 2) == .admit)
        #expect(schedule.next(waiting: 1) == .admit)
        schedule.admitted(1)
        #expect(schedule.next(waiting: 5) == .step(1))
        #expect(schedule.next(waiting: 5) == .admit)
        #expect(schedule.next(waiting: 4) == .step(1))
    }

    @Test("nobody starves: between two tokens of one answer the others get at most one each", arguments: [1, 2, 3])
    func fairness(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var schedule = GenerationSchedule<Int>(activeLimit: 5)
        var nextID = 0
        var sinceLast: [Int: [Int: Int]] = [:]
        for _ in 0..<2000 {
            switch schedule.next(waiting: Int.random(in: 0...2, using: &random)) {
            case .wait: break
            case .admit:
                sinceLast[nextID] = [:]
                schedule.admitted(nextID)
                nextID += 1
            case .step(let id):
                for (other, counts) in sinceLast where other != id {
                    sinceLast[other] = counts.merging([id: 1], uniquingKeysWith: +)
                }
                #expect(sinceLast[id]?.values.allSatisfy { $0 <= 1 } == true, "seed \(seed)")
                sinceLast[id] = [:]
                if Int.random(in: 0..<8, using: &random) == 0 {
                    schedule.finished(id)
                    sinceLast[id] = nil
                }
            }
            #expect(schedule.active.count <= 5)
        }
    }
}
