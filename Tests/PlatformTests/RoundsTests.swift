import Core
import Platform
import Synchronization
import Testing

struct RoundsTests {
    private func rounds() throws -> Rounds {
        Rounds(on: try JobPool(name: "rounds", count: 1, queueLimit: 1), clock: SystemClock.shared)
    }

    @Test("whatever is brought while rounds go on is done before they end, whoever brings it")
    func nothingIsLeft() async throws {
        let rounds = try rounds()
        let (brought, done) = (Counter(), Counter())
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<2000 {
                        brought.add()
                        _ = rounds.wake {
                            done.add(brought.value - done.value)
                            return false
                        }
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
        let rounds = try rounds()
        let count = Counter()
        let gate = BlockingQueue<Bool>(limit: 1)
        #expect(
            rounds.wake {
                _ = gate.pop()
                count.add()
                return count.value < 5
            })
        rounds.stop()
        #expect(!rounds.join(milliseconds: 10))
        gate.close()
        #expect(rounds.join(milliseconds: 60_000))
        #expect(count.value == 5)
        #expect(!rounds.wake { false })
    }
}
