import Core
import Model
import TestSupport
import Testing

@testable import Generator

struct StateMemoryTests {
    /// States of one to twelve concatenated passages, each of a different size.
    private static func states() throws -> [EncodedPassage] {
        let model = try ModelGenerator.model().model
        var random = SeededGenerator(seed: 3)
        let passages = try (0..<12).map { _ in try ModelGenerator.prompt(64, &random) }
        var states: [EncodedPassage] = []
        for count in 1...12 {
            let reading = try PassageReading(
                model, Array(passages.prefix(count)), encoding: .concatenated,
                finishing: { _, state in
                    states.append(state)
                    return state
                })
            while reading.advance(tokenLimit: .max) {}
        }
        return states
    }

    private static func key(_ number: Int) throws -> StateKey {
        try #require(StateKey(bytes: [UInt8(number)] + Array(repeating: 0, count: 31)))
    }

    @Test("whatever is inserted and looked up, the least recently used go first, and bytes stay within the limit")
    func leastRecentlyUsed() throws {
        let states = try Self.states()
        let limit = states.reduce(0) { $0 + $1.byteCount } / 3
        for seed in UInt64(0)..<20 {
            var random = SeededGenerator(seed: seed)
            var memory = StateMemory(limit: ByteCount(limit))
            /// The least recently used first.
            var expected: [(number: Int, bytes: Int)] = []
            for _ in 0..<1000 {
                let number = Int.random(in: 0..<40, using: &random)
                let state = states[number % states.count]
                let place = expected.firstIndex { $0.number == number }
                if Bool.random(using: &random) {
                    let found = memory.state(for: try Self.key(number))
                    #expect((found == nil) == (place == nil), "seed \(seed)")
                    if let found { #expect(found.byteCount == state.byteCount) }
                    if let place { expected.append(expected.remove(at: place)) }
                } else {
                    memory.insert(state, for: try Self.key(number))
                    if place == nil { expected.append((number, state.byteCount)) }
                    while expected.reduce(0, { $0 + $1.bytes }) > limit { expected.removeFirst() }
                }
                #expect(memory.count == expected.count, "seed \(seed)")
                #expect(memory.bytes == expected.reduce(0) { $0 + $1.bytes }, "seed \(seed)")
            }
        }
    }

    @Test("a state larger than the limit is not kept, and nothing is evicted for it; with a limit of 0 none is kept")
    func tooLarge() throws {
        let states = try Self.states()
        var memory = StateMemory(limit: ByteCount(states[10].byteCount))
        memory.insert(states[3], for: try Self.key(3))
        memory.insert(states[11], for: try Self.key(11))
        #expect(memory.count == 1 && memory.bytes == states[3].byteCount)
        memory.insert(states[10], for: try Self.key(10))
        #expect(try memory.state(for: Self.key(3)) == nil)
        #expect(try memory.state(for: Self.key(10)) != nil)
        var none = StateMemory(limit: ByteCount(0))
        none.insert(states[0], for: try Self.key(0))
        #expect(none.count == 0 && none.bytes == 0)
    }
}
