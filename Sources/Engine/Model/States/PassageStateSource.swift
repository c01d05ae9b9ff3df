/// Where the states of passages come from and go to.
public protocol PassageStateSource: Sendable {
    /// Whether `keep` prunes, and needs to know what attention a passage's tokens receive.
    var measuresAttention: Bool { get }

    /// The states that are at hand, by place. Does not wait.
    func states(of sequences: [PassageSequence]) -> [Int: EncodedPassage]

    /// Takes the states of a sequence that was just read, and returns what is to be used in their place: the same whether it
    /// was just read or comes out of a store.
    func keep(_ state: EncodedPassage, of sequence: PassageSequence) -> EncodedPassage
}
