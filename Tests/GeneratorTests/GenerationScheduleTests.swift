import Cluster
import TestSupport
import Testing

@testable import Generator

struct GenerationScheduleTests {
    private let greedy = RemoteClient(node: "c", number: 1)
    private let lone = RemoteClient(node: "c", number: 2)

    private func schedule(_ places: Int = 4, bytes: Int = 100) -> GenerationSchedule<Int> {
        GenerationSchedule(activeLimit: places, byteLimit: bytes)
    }

    @Test("requests are admitted while there are places and bytes")
    func admission() {
        var schedule = schedule(2, bytes: 100)
        #expect(schedule.admits(0, bytes: 100) && !schedule.admits(0, bytes: 101))
        schedule.admitted(1, of: greedy, unreadTokens: 5, bytes: 60)
        #expect(schedule.admits(0, bytes: 40) && !schedule.admits(0, bytes: 41))
        schedule.admitted(2, of: greedy, unreadTokens: 5, bytes: 10)
        #expect(!schedule.admits(0, bytes: 1) && !schedule.hasPlace)
        schedule.removed(1)
        #expect(schedule.admits(0, bytes: 90) && schedule.bytes == 10 && schedule.count == 1)
    }

    @Test("all answers that have been read generate a token each round")
    func rounds() {
        var schedule = schedule()
        for id in 1...3 { schedule.admitted(id, of: greedy, unreadTokens: 5, bytes: 1) }
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
        schedule.admitted(1, of: greedy, unreadTokens: 1000, bytes: 1)
        schedule.admitted(2, of: greedy, unreadTokens: 500, bytes: 1)
        schedule.admitted(3, of: greedy, unreadTokens: 100, bytes: 1)
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
            schedule.admitted(100 + rounds, of: greedy, unreadTokens: 1, bytes: 1)
        }
        #expect(rounds <= 20)
    }

    @Test("when bytes run short, the latest arrivals are suspended, but never the only one")
    func shortage() {
        var schedule = schedule(bytes: 100)
        for id in 1...3 { schedule.admitted(id, of: greedy, unreadTokens: 1, bytes: 30) }
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
        schedule.admitted(1, of: greedy, unreadTokens: 1, bytes: 60)
        schedule.admitted(2, of: greedy, unreadTokens: 1, bytes: 60)
        #expect(schedule.superfluous == 2)
        schedule.suspended(2, keptBytes: 10)
        #expect(schedule.bytes == 70 && schedule.count == 1)
        #expect(schedule.admits(2, bytes: 40) && !schedule.admits(2, bytes: 41) && !schedule.admits(3, bytes: 31))
        schedule.removed(1)
        schedule.admitted(2, of: greedy, unreadTokens: 1, bytes: 40)
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
                schedule.admitted(id, of: greedy, unreadTokens: 3, bytes: bytes)
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

    @Test(
        "a client with fewer places gets one at once: the latest answer of the one with the most is paused, and goes on later"
    )
    func pausing() {
        var schedule = schedule(4, bytes: 100)
        for id in 1...4 {
            schedule.admitted(id, of: greedy, unreadTokens: 1, bytes: 10)
            schedule.update(id, isReading: false, unreadTokens: 0, bytes: 10)
        }
        #expect(!schedule.hasPlace && schedule.places.admits(lone) && !schedule.places.admits(greedy))
        schedule.pause()
        schedule.admitted(10, of: lone, unreadTokens: 1, bytes: 10)
        #expect(schedule.ready == [1, 2, 3] && schedule.count == 4 && schedule.bytes == 50)
        // Nobody takes a place from who has hardly more.
        schedule.pause()
        schedule.admitted(11, of: lone, unreadTokens: 1, bytes: 10)
        #expect(!schedule.places.admits(lone) && !schedule.places.admits(greedy))
        #expect(schedule.places.admits(RemoteClient(node: "c", number: 3)))
        #expect(schedule.resume() == false)
        // The place that the lone client leaves is its own as long as it has fewer; then the paused ones go on as they
        // came.
        schedule.removed(10)
        #expect(schedule.places.admits(lone) && !schedule.places.admits(greedy))
        #expect(schedule.resume() == true)
        #expect(schedule.ready == [1, 2, 3])
        schedule.removed(1)
        #expect(schedule.resume() == true)
        #expect(schedule.ready == [2, 3, 4] && !schedule.hasPlace)
        #expect(schedule.resume() == false)
    }

    @Test("no more answers are paused than there are places, and those that are give their memory back first")
    func pausedBounds() {
        var schedule = schedule(2, bytes: 100)
        for id in 1...2 { schedule.admitted(id, of: greedy, unreadTokens: 1, bytes: 30) }
        schedule.pause()
        schedule.admitted(3, of: lone, unreadTokens: 1, bytes: 30)
        #expect(!schedule.fits(4, bytes: 11) && schedule.fits(4, bytes: 10))
        schedule.update(3, isReading: false, unreadTokens: 0, bytes: 60)
        #expect(schedule.superfluous == 2)
        schedule.suspended(2, keptBytes: 0)
        #expect(schedule.superfluous == nil)
        #expect(schedule.resume() == false)
        var crowd = self.schedule(4, bytes: 1000)
        for id in 0..<100 {
            guard crowd.hasPlace || crowd.places.admits(RemoteClient(node: "c", number: UInt64(id / 7))) else {
                continue
            }
            if !crowd.hasPlace { crowd.pause() }
            crowd.admitted(id, of: RemoteClient(node: "c", number: UInt64(id / 7)), unreadTokens: 1, bytes: 1)
            #expect(crowd.count <= 4 && crowd.bytes <= 8)
        }
    }

    @Test("clients read in turn, answer by answer, however many each has to read")
    func readingTurns() {
        var schedule = schedule(8, bytes: 1000)
        for id in 1...6 { schedule.admitted(id, of: greedy, unreadTokens: 1000, bytes: 1) }
        var left = [Int: Int](uniqueKeysWithValues: (1...6).map { ($0, 1000) })
        func read() -> Int? {
            guard let id = schedule.nextReader(), let unread = left[id] else { return nil }
            left[id] = unread - 100
            schedule.update(id, isReading: unread > 100, unreadTokens: unread - 100, bytes: 1)
            return id
        }
        for _ in 0..<5 { #expect(read() ?? 0 < 10) }
        left[10] = 300
        schedule.admitted(10, of: lone, unreadTokens: 300, bytes: 1)
        var order: [Bool] = []
        for _ in 0..<6 { order.append(read() == 10) }
        #expect(order.count { $0 } == 3 && order.prefix(2).contains(true))
        // Who comes back has saved nothing up, and waits for the answer that is being read, at most.
        schedule.removed(10)
        for _ in 0..<7 { _ = read() }
        left[11] = 1000
        schedule.admitted(11, of: lone, unreadTokens: 1000, bytes: 1)
        order = []
        for _ in 0..<16 { order.append(read() == 11) }
        #expect(order == Array(repeating: false, count: 5) + Array(repeating: true, count: 10) + [false])
    }

    @Test("a client that comes back at once, whenever it was answered, has every second turn to read")
    func returning() {
        var schedule = schedule(8, bytes: 1000)
        for id in 1...4 { schedule.admitted(id, of: greedy, unreadTokens: 100, bytes: 1) }
        schedule.admitted(10, of: lone, unreadTokens: 100, bytes: 1)
        var order: [Int] = []
        for _ in 0..<8 {
            guard let id = schedule.nextReader() else { break }
            order.append(id)
            schedule.removed(id)
            if id >= 10 { schedule.admitted(id + 1, of: lone, unreadTokens: 100, bytes: 1) }
        }
        #expect(order.count { $0 < 10 } == 4, "\(order)")
    }

    @Test("answers of clients with equal loads are read one after the other, not all at once")
    func sequentialReading() {
        var schedule = schedule(8, bytes: 1000)
        for id in 1...6 {
            schedule.admitted(id, of: RemoteClient(node: "c", number: UInt64(id)), unreadTokens: 300, bytes: 1)
        }
        var left = [Int: Int](uniqueKeysWithValues: (1...6).map { ($0, 300) })
        var order: [Int] = []
        while let id = schedule.nextReader(), let unread = left[id] {
            left[id] = unread - 100
            schedule.update(id, isReading: unread > 100, unreadTokens: unread - 100, bytes: 1)
            order.append(id)
        }
        #expect(order == (1...6).flatMap { [$0, $0, $0] })
    }
}
