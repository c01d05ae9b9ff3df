import Core
import TestSupport
import Testing

@testable import Model

/// What is recorded to round weights by.
@Suite struct InputRecorderTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test("readings enter each layer as passages and prompts do when they are answered, bit for bit")
    func asAnswered() throws {
        let tiny = TinyModel()
        try tiny.write(to: directory)
        let model = try LlamaModel(directory: directory.path, layers: .all, threadCount: 1)
        let passages: [[Int32]] = [[0, 5, 6, 7], [0, 9, 3]]
        let prompt: [Int32] = [0, 9, 8, 7, 30]

        var recorded: [[Float]] = []
        let readings = [
            Reading(text: [0, 4, 4]), Reading(text: prompt, passages: passages, requestedPassages: 2),
        ]
        try model.recordInputs(of: readings) { _, recorder in recorded.append(recorder.inputs(of: .gate)) }

        // One layer after the other, in the one workspace of a model that one task uses.
        let recorder = InputRecorder()
        model.workspaces.with { $0.recorder = recorder }
        let read = try model.readPassages(passages, encoding: .independent)
        let ofPassages = recorder.inputs(of: .gate)
        _ = try model.continueFrom(model.promptStates([(prompt, 2)])[0], passages: read)
        let ofPrompt = recorder.inputs(of: .gate)[ofPassages.count...]

        // Passages go through layers 0 and 1; of layer 2, t, their keys and values are enough.
        let width = tiny.hiddenSize
        #expect(ofPassages.count == 2 * 7 * width && ofPrompt.count == (3 * 5 + 1) * width)
        #expect(recorded.map(\.count) == [15, 15, 8, 8].map { $0 * width })
        for layer in 0..<3 {
            #expect(recorded[layer].suffix(5 * width) == ofPrompt.dropFirst(layer * 5 * width).prefix(5 * width))
            guard layer < 2 else { continue }
            #expect(recorded[layer].prefix(7 * width) == ofPassages.dropFirst(layer * 7 * width).prefix(7 * width))
        }
        // The last layer makes the logits of the last token alone.
        #expect(recorded[3].suffix(width) == ofPrompt.suffix(width))
    }

    @Test("readings of more tokens than a batch has are all recorded, in their order; one without text is not")
    func batches() throws {
        try TinyModel().write(to: directory)
        let model = try LlamaModel(directory: directory.path, layers: .all, threadCount: 1)
        let readings = (0..<300).map { place in
            Reading(text: [0, Int32(place % 60), 7, 8], passages: [[0, 3, Int32(place % 50)]], requestedPassages: 1)
        }
        var (together, apart): ([[Float]], [[Float]]) = ([], [])
        try model.recordInputs(of: readings + [Reading(text: [])]) { together.append($1.inputs(of: .down)) }
        for part in [readings.prefix(150), readings.suffix(150)] {
            var layers: [[Float]] = []
            try model.recordInputs(of: Array(part)) { layers.append($1.inputs(of: .down)) }
            apart = apart.isEmpty ? layers : zip(apart, layers).map { $0 + $1 }
        }
        #expect(together.map(\.count) == apart.map(\.count))
        // Batches of both begin at different readings: the same rows, in another order.
        for (one, other) in zip(together, apart) { #expect(one.sorted() == other.sorted()) }
    }
}
