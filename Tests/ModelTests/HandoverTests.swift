import Core
import Messaging
import Model
import TestSupport
import Testing
import Wire

struct HandoverTests {
    private static let directory = SharedData.packageRoot + "/Models/encyclopedia-tiny"
    private static let small = shape(bottomBoundary: 1)

    private static func shape(bottomBoundary: Int) -> RequestShape {
        RequestShape(
            hiddenSize: 3, bottomBoundary: bottomBoundary, keyWidth: 2, vocabularySize: 100, maxPassageTokens: 10,
            maxPositions: 100, topK: 1, encoding: .independent)
    }

    @Test(
        "a state that went through tensors goes on bit for bit as at home, in either kind of numbers",
        arguments: [Compute.f32, .bf16])
    func identity(compute: Compute) throws {
        let bottom = try LlamaModel(directory: Self.directory, layers: .bottom, compute: compute, threadCount: 1)
        let whole = try LlamaModel(directory: Self.directory, layers: .all, compute: compute, threadCount: 2)
        let shape = RequestShape(bottom.configuration)
        let ids = [bottom.configuration.bosToken] + (5..<38).map { Int32($0) }
        let passage = [bottom.configuration.bosToken] + (50..<70).map { Int32($0) }
        let sent = try bottom.promptStates([(ids, 1)])[0]
        let tensors = try sent.tensors(shape)
        #expect(
            tensors.map(\.description.dataType)
                == [.float32] + Array(repeating: compute == .f32 ? .float32 : .bfloat16, count: 2))
        let received = try PromptState(tokens: ids, requestedPassages: 1, received: tensors, shape)
        #expect(received.keys == sent.keys)
        #expect(received.values == sent.values)
        let own = try whole.promptStates([(ids, 1)])[0]
        let passages = try whole.readPassages([passage], encoding: .independent)
        let here = try whole.continueFrom(own, passages: passages)
        let there = try whole.continueFrom(received, passages: passages)
        for token: Int32 in [4, 8, 15] {
            #expect(here.logits == there.logits)
            try here.append(token)
            try there.append(token)
        }
        #expect(here.logits == there.logits)
    }

    @Test("tensors that are no state are refused with what is wrong")
    func hostile() throws {
        let hidden = Tensor([Float](repeating: 1, count: 6), shape: [2, 3])
        let keys = Tensor([Float](repeating: 1, count: 4), shape: [1, 2, 2])
        func halves(_ value: Float) -> Tensor {
            Tensor([BFloat16](repeating: BFloat16(value), count: 4), shape: [1, 2, 2])
        }
        for (tensors, reason) in [
            ([hidden, keys], "carries 2 tensors"), ([hidden, halves(1), halves(.nan)], "the values hold a number"),
            ([hidden, halves(.infinity), halves(1)], "the keys hold a number"), ([keys, keys, keys], "hidden states"),
            ([hidden, keys, halves(2)], "both have one type"), ([hidden, halves(2), keys], "both have one type"),
            ([hidden, keys, Tensor([Int32](repeating: 1, count: 4), shape: [1, 2, 2])], "the values came as"),
            ([hidden, Tensor([BFloat16(1)], shape: [1, 1, 1]), keys], "the keys came as"),
        ] {
            #expect {
                _ = try PromptState(tokens: [1, 2], requestedPassages: 0, received: tensors, Self.small)
            } throws: { error in
                guard let error = error as? ImpRAGError else { return false }
                return error.code == .invalidArgument && error.message.contains(reason)
            }
        }
        let narrow = try PromptState(
            tokens: [1, 2], requestedPassages: 0, received: [hidden, halves(1), halves(2)], Self.small)
        #expect(narrow.values == .bf16([BFloat16](repeating: BFloat16(2), count: 4)))
    }

    @Test("without bottom layers there are no keys, and the state travels all the same")
    func noBottom() throws {
        let shape = Self.shape(bottomBoundary: 0)
        for numbers in [CacheNumbers.f32([]), .bf16([])] {
            let state = PromptState(
                tokens: [1, 2], requestedPassages: 0, hidden: [1, 2, 3, 4, 5, 6], keys: numbers, values: numbers,
                queryEmbedding: [1, 1])
            let received = try PromptState(
                tokens: [1, 2], requestedPassages: 0, received: try state.tensors(shape), shape)
            #expect(received.hidden == state.hidden)
            #expect(received.keys == numbers && received.values == numbers)
        }
    }

    @Test("a state of other sizes than the model's is not sent")
    func ownMistake() {
        let state = PromptState(
            tokens: [1], requestedPassages: 0, hidden: [1, 2], keys: .f32([1, 2]), values: .f32([1, 2]),
            queryEmbedding: [1, 1])
        #expect(throws: ImpRAGError.self) { _ = try state.tensors(Self.small) }
    }
}
