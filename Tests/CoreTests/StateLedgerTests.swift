import Core
import TestSupport
import Testing

struct StateLedgerTests {
    @Test("random uses leave the order and the sum that a plain list has")
    func model() throws {
        var generator = SeededGenerator(seed: 5)
        var ledger = StateLedger()
        var list: [(number: Int, size: Int)] = []  // Least recently used first.
        let budget = 2000
        for _ in 0..<20_000 {
            let number = Int.random(in: 0..<60, using: &generator)
            let key = numberedStateKey(number)
            let place = list.firstIndex { $0.number == number }
            switch Int.random(in: 0..<10, using: &generator) {
            case 0:
                #expect(ledger.remove(key) == (place != nil))
                if let place { list.remove(at: place) }
            case 1...6:
                #expect(ledger.touch(key) == (place != nil))
                if let place { list.append(list.remove(at: place)) }
            default:
                guard place == nil else { continue }
                let size = Int.random(in: 0...300, using: &generator)
                var expected: [StateKey] = []
                while list.reduce(0, { $0 + $1.size }) + size > budget {
                    expected.append(numberedStateKey(list.removeFirst().number))
                }
                #expect(ledger.makeRoom(for: size, budget: budget) == expected)
                ledger.add(key, size: size)
                list.append((number, size))
            }
            #expect(ledger.bytes == list.reduce(0) { $0 + $1.size })
            #expect(ledger.count == list.count)
            #expect(ledger.keys == list.map { numberedStateKey($0.number) })
        }
        #expect(ledger.makeRoom(for: budget, budget: budget) == list.map { numberedStateKey($0.number) })
    }

    @Test("a ledger made of uses has their order, and leaves out sizes that cannot be")
    func loaded() throws {
        let uses = [(1, 30, 10), (2, 10, 10), (3, 20, 10), (4, 5, -1), (5, 40, Int.max)].map {
            number, stamp, size in
            (use: StateLedger.Use(key: numberedStateKey(number), stamp: UInt64(stamp)), size: size)
        }
        var ledger = StateLedger(uses)
        #expect(ledger.count == 3)
        #expect(ledger.bytes == 30)
        #expect(ledger.nextStamp == 31)
        #expect(ledger.makeRoom(for: 10, budget: 20) == [2, 3].map { numberedStateKey($0) })
    }

    @Test("a key is its 32 bytes, and no other number of bytes is one")
    func keys() {
        let bytes = (0..<32).map { UInt8($0 * 7) }
        #expect(StateKey(bytes: bytes)?.bytes == bytes)
        #expect(StateKey(bytes: Array(bytes.dropLast())) == nil)
        #expect(StateKey(bytes: bytes + [0]) == nil)
    }
}
