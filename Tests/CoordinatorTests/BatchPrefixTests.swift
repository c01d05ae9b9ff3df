import Testing

@testable import Coordinator

struct BatchPrefixTests {
    @Test(
        "a batch takes prompts in order until its tokens are full, and at least one",
        arguments: [
            ([], 0), ([5], 1), ([20], 1), ([5, 5], 2), ([5, 5, 1], 2), ([11, 1], 1), ([1, 20, 1], 1),
            ([2, 3, 5, 0], 4),
        ])
    func prefix(lengths: [Int], count: Int) {
        #expect(batchPrefix(lengths, tokenLimit: 10) == count)
    }
}
