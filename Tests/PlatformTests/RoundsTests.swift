import Core
import Platform
import Synchronization
import Testing

struct RoundsTests {
    private func rounds(_ round: @escaping @Sendable () -> Bool) throws -> Rounds {
        let rounds = Rounds(on: try JobPool(name: "rounds", count: 1, queueLimit: 1), clock: SystemClock.shared)
        rounds.start(round)
        return rounds
    }

    @Test("whatever is brought while rounds go on is done before they end, whoever brings it")
    func nothingIsLeft() async throws {
        let (brought, done) = (Counter(), Counter())
        let rounds = try rounds {
            done.add(brought.value - done.value)
            return false
        }
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<2000 {
                        brought.add()
                        _ = rounds.wake()
                    }
                }
            }
        }
        rounds.stop()
        #expect(rounds.join(milliseconds: 60_000))
        #expect(done.value == 8000)
    }

    @Test("a round that needs another one gets it, also after the stop; what comes after the last is refused")
    func stopping() throws {
        let count = Counter()
        let gate = BlockingQueue<Bool>(limit: 1)
        let rounds = try rounds {
            _ = gate.pop()
            count.add()
            return count.value < 5
        }
        #expect(rounds.wake())
        rounds.stop()
        #expect(!rounds.join(milliseconds: 10))
        gate.close()
        #expect(rounds.join(milliseconds: 60_000))
        #expect(count.value == 5)
        #expect(!rounds.wake())
    }
}
