import Core
import Model
import TestSupport
import Testing

/// States of passages that are stored before anybody asks for them.
@Suite struct StoredStatesTests {
    private static let directory = SharedData.packageRoot + "/Models/encyclopedia-tiny"
    private let passages = [
        Passage(id: "1", title: "Peru", text: "Lima is the capital of Peru."),
        Passage(id: "2", title: "", text: "The River Thames flows through London, and has done so for long."),
        Passage(id: "3", title: "Peru", text: "Lima is the capital of Peru."),
    ]

    @Test("a state's name follows from all that decides its bytes: tokens, codec, half, arithmetic and codebooks")
    func names() throws {
        var names: Set<StateKey> = []
        var expected = 0
        for compute in [Compute.f32, .bf16] {
            let model = try ImpRAGModel(directory: Self.directory, layers: .all, compute: compute)
            let books = try [1, 2].map { try model.trainStateCodebooks(on: passages, seed: $0) }
            for keepsHalf in [false, true] {
                let coders =
                    try [StateCodec.bf16, .int8].map { try StateCoder(model.model, codec: $0, keepsHalf: keepsHalf) }
                    + books.map { try StateCoder(model.model, codec: .pq, keepsHalf: keepsHalf, codebooks: $0) }
                for coder in coders {
                    let keys = try model.stateKeys(of: passages, coder: coder)
                    #expect(keys[0] == keys[2] && keys[0] != keys[1])
                    names.formUnion(keys)
                    expected += 2
                }
            }
        }
        #expect(names.count == expected)
    }

    @Test("passages read together have the states that each has alone", arguments: [false, true])
    func together(keepsHalf: Bool) throws {
        let model = try ImpRAGModel(directory: Self.directory, layers: .all)
        let coder = try StateCoder(model.model, codec: .int8, keepsHalf: keepsHalf)
        func read(_ passages: [Passage]) throws -> (vectors: [Float], states: [[UInt8]]) {
            var states: [[UInt8]] = []
            let vectors = try model.read(passages, coder: coder) { place, state throws(ImpRAGError) in
                #expect(place == states.count)
                states.append(state)
            }
            return (vectors, states)
        }
        // More than are in memory at once.
        let many = (0..<40).map { passages[$0 % 3] }
        let (vectors, states) = try read(many)
        #expect(try vectors == model.embed(passages: many))
        #expect(states.count == 40 && states[0] == states[2] && states[0] != states[1] && states[39] == states[0])
        for (passage, state) in zip(passages, states) {
            #expect(try read([passage]).states == [state])
            #expect(try coder.decode(state).tokenCount == model.passageTokens(passage).count)
        }
        #expect(try read([]).states.isEmpty)
    }
}
