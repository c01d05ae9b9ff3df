/// Where the states of passages come from and go to.
public protocol PassageStateSource: Sendable {
    /// Whether `keep` prunes, and needs to know what attention a passage's tokens receive.
    var measuresAttention: Bool { get }

    /// The states that are at hand, by place. Does not wait.
    func states(of sequences: [PassageSequence]) -> [Int: EncodedPassage]

    /// Takes the states of a sequence that has just been read, and returns the states to use: the same whether they
    /// were just computed or come out of a store.
    func keep(_ state: EncodedPassage, of sequence: PassageSequence) -> EncodedPassage
}
