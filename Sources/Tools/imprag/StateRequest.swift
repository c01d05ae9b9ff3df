import Core
import Indexing
import Model
import Storage

/// The codecs of passage states, for help texts.
let stateCodecs = StateCodec.allCases.map(\.rawValue).joined(separator: ", ")

/// The options of `imprag index` and `imprag merge` for passage states, before the model is loaded.
struct StateRequest {
    private let codec: StateCodec
    private let keepsHalf: Bool
    private let budget: ByteCount?

    static let options: [Option] = [
        .optional(
            "store-kv", "CODEC",
            "store each passage's states beside the partitions, so that answers need not read it: \(stateCodecs)"),
        .flag("store-kv-half", "of each passage, store the half of the tokens that receives most attention"),
        .optional(
            "state-budget", "SIZE",
            "disk for states, of all partitions together, as in \"2 GiB\"; passages beyond it get none (default: no limit)"
        ),
    ]

    /// Nil without `--store-kv`.
    init?(_ arguments: Arguments) throws(UsageError) {
        guard let codec = try arguments.choice("store-kv", as: StateCodec.self) else {
            for name in ["store-kv-half", "state-budget"] where arguments.has(name) {
                throw UsageError(message: "--\(name) is about --store-kv, which is not given")
            }
            return nil
        }
        self.codec = codec
        keepsHalf = arguments.has("store-kv-half")
        budget = try arguments.byteCount("state-budget")
    }

    /// - Parameter model: with all layers.
    func options(_ model: ImpRAGModel) -> StateOptions {
        StateOptions(maker: Maker(model: model, codec: codec, keepsHalf: keepsHalf), budget: budget)
    }

    /// The model as the indexer sees it.
    private struct Maker: PassageStateMaker {
        let model: ImpRAGModel
        let codec: StateCodec
        let keepsHalf: Bool

        var form: IndexManifest.States { IndexManifest.States(codec: codec.rawValue, keepsHalf: keepsHalf) }
        var needsCodebooks: Bool { codec == .pq }

        func trainCodebooks(on passages: [Passage]) throws(ImpRAGError) -> [UInt8] {
            try model.trainStateCodebooks(on: passages, seed: 1).bytes
        }

        func encoder(codebooks: [UInt8]?) throws(ImpRAGError) -> any PassageStateEncoder {
            var books: StateCodebooks?
            if let codebooks { books = try StateCodebooks(bytes: codebooks, model: model.model) }
            return Encoder(
                model: model,
                coder: try StateCoder(model.model, codec: codec, keepsHalf: keepsHalf, codebooks: books))
        }
    }

    private struct Encoder: PassageStateEncoder {
        let model: ImpRAGModel
        let coder: StateCoder

        func keys(of passages: [Passage]) throws(ImpRAGError) -> [StateKey] {
            try model.stateKeys(of: passages, coder: coder)
        }

        func read(
            _ passages: [Passage], _ take: (Int, [UInt8]) throws(ImpRAGError) -> Void
        ) throws(ImpRAGError) -> [Float] {
            try model.read(passages, coder: coder, take)
        }
    }
}
