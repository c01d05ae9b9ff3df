import TestSupport
import Testing

@testable import Generator

struct GenerationScheduleTests {
    private func schedule(_ places: Int = 4, bytes: Int = 100) -> GenerationSchedule<Int> {
        GenerationSchedule(activeLimit: places, byteLimit: bytes)
    }

    @Test("requests are admitted while there are places and bytes")
    func admission() {
        var schedule = schedule(2, bytes: 100)
        #expect(schedule.admits(0, bytes: 100) && !schedule.admits(0, bytes: 101))
        schedule.admitted(1, unreadTokens: 5, bytes: 60)
        #expect(schedule.admits(0, bytes: 40) && !schedule.admits(0, bytes: 41))
        schedule.admitted(2, unreadTokens: 5, bytes: 10)
        #expect(!schedule.admits(0, bytes: 1) && !schedule.hasPlace)
        schedule.removed(1)
        #expect(schedule.admits(0, bytes: 90) && schedule.bytes == 10 && schedule.count == 1)
    }

    @Test("all answers that have been read generate a token each round")
    func rounds() {
        var schedule = schedule()
        for id in 1...3 { schedule.admitted(id, unreadTokens: 5, bytes: 1) }
        #expect(schedule.ready.isEmpty)
        schedule.update(1, isReading: false, unreadTokens: 0, bytes: 2)
        schedule.update(3, isReading: false, unreadTokens: 0, bytes: 2)
        #expect(schedule.ready == [1, 3])
        schedule.removed(1)
        #expect(schedule.ready == [3])
    }

    @Test("the first to come and the one with the least left read alternately: short ones pass, and nobody starves")
    func reading() {
        var schedule = schedule()
        #expect(schedule.nextReader() == nil)
        schedule = self.schedule()
        schedule.admitted(1, unreadTokens: 1000, bytes: 1)
        schedule.admitted(2, unreadTokens: 500, bytes: 1)
        schedule.admitted(3, unreadTokens: 100, bytes: 1)
        #expect((0..<4).map { _ in schedule.nextReader() } == [1, 3, 1, 3])
        schedule.update(3, isReading: false, unreadTokens: 0, bytes: 1)
        #expect((0..<2).map { _ in schedule.nextReader() } == [1, 2])
        // Newer ones with less to read keep coming: the oldest still finishes, after twice as many rounds as it has
        // parts.
        var left = 10
        var rounds = 0
        while left > 0 {
            rounds += 1
            if schedule.nextReader() == 1 { left -= 1 }
            schedule.removed(100 + rounds - 1)
            schedule.admitted(100 + rounds, unreadTokens: 1, bytes: 1)
        }
        #expect(rounds <= 20)
    }

    @Test("when bytes run short, the latest arrivals are suspended, but never the only one")
    func shortage() {
        var schedule = schedule(bytes: 100)
        for id in 1...3 { schedule.admitted(id, unreadTokens: 1, bytes: 30) }
        #expect(schedule.superfluous == nil)
        schedule.update(1, isReading: false, unreadTokens: 0, bytes: 45)
        #expect(schedule.superfluous == 3)
        schedule.removed(3)
        #expect(schedule.superfluous == nil)
        schedule.update(1, isReading: false, unreadTokens: 0, bytes: 99)
        #expect(schedule.superfluous == 2)
        schedule.removed(2)
        schedule.update(1, isReading: false, unreadTokens: 0, bytes: 200)
        #expect(schedule.superfluous == nil)
    }

    @Test("what suspended answers keep is counted, but not twice when they resume")
    func keptBytes() {
        var schedule = schedule(bytes: 100)
        schedule.admitted(1, unreadTokens: 1, bytes: 60)
        schedule.admitted(2, unreadTokens: 1, bytes: 60)
        #expect(schedule.superfluous == 2)
        schedule.suspended(2, keptBytes: 10)
        #expect(schedule.bytes == 70 && schedule.count == 1)
        #expect(schedule.admits(2, bytes: 40) && !schedule.admits(2, bytes: 41) && !schedule.admits(3, bytes: 31))
        schedule.removed(1)
        schedule.admitted(2, unreadTokens: 1, bytes: 40)
        #expect(schedule.bytes == 40)
        schedule.suspended(2, keptBytes: 10)
        schedule.removed(2)
        #expect(schedule.bytes == 0)
    }

    @Test("whatever comes and goes, bytes stay within the limit once superfluous answers are suspended")
    func bounds() {
        var random = SeededGenerator(seed: 11)
        var schedule = schedule(8, bytes: 1000)
        var sizes: [Int: Int] = [:]
        for id in 0..<2000 {
            let bytes = Int.random(in: 1...400, using: &random)
            if schedule.admits(id, bytes: bytes) {
                schedule.admitted(id, unreadTokens: 3, bytes: bytes)
                sizes[id] = bytes
            }
            if let grown = sizes.keys.randomElement(using: &random), let size = sizes[grown], size < 900 {
                sizes[grown] = size + 50
                schedule.update(grown, isReading: Bool.random(using: &random), unreadTokens: 1, bytes: size + 50)
            }
            while let id = schedule.superfluous {
                schedule.removed(id)
                sizes[id] = nil
            }
            #expect(schedule.bytes == sizes.values.reduce(0, +) && schedule.bytes <= 1000 && schedule.count <= 8)
            if let ended = sizes.keys.randomElement(using: &random), Int.random(in: 0..<3, using: &random) == 0 {
                schedule.removed(ended)
                sizes[ended] = nil
            }
        }
    }
}
