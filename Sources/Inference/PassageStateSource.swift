public import Model

/// Where the states of passages that were read by themselves come from and go to.
public protocol PassageStateSource: Sendable {
    /// The states that are at hand, by place among `passages` (ids with BOS, cut). Does not wait.
    func states(of passages: [[Int32]]) -> [Int: EncodedPassage]

    /// Takes the state of a passage that was just read, and returns what is to be used in its place: the same whether it was
    /// just read or comes out of a store.
    func keep(_ state: EncodedPassage, of passage: [Int32]) -> EncodedPassage
}
