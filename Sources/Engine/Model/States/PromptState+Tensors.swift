public import Core
import Kernels
public import Wire

/// A prompt state as it travels from the coordinator to a generator, beside `GenerateRequest`:
///
///     tensor 0   float32 [T, D]                   hidden states entering layer b
///     tensor 1   bfloat16 or float32 [b, T, w]    keys of layers 0…b−1
///     tensor 2   bfloat16 or float32 [b, T, w]    values of layers 0…b−1
///
/// Keys and values travel in the numbers of the cache that they come from, both in the same. Tokens and k travel in the
/// request; the query vector stays behind.
extension PromptState {
    /// The tensors to be sent.
    ///
    /// - Throws: `internal` when the state is not one of a model of this shape.
    public func tensors(_ shape: RequestShape) throws(ImpRAGError) -> [Tensor] {
        let cache = [shape.bottomBoundary, tokens.count, shape.keyWidth]
        let cached = cache.reduce(1, *)
        guard !tokens.isEmpty, hidden.count == tokens.count * shape.hiddenSize, keys.count == cached,
            values.count == cached
        else {
            throw ImpRAGError(
                .internal,
                "\(hidden.count) hidden numbers, \(keys.count) of keys and \(values.count) of values are no state of "
                    + "\(tokens.count) tokens")
        }
        return [Tensor(hidden, shape: [tokens.count, shape.hiddenSize])]
            + [keys, values].map { numbers in
                switch numbers {
                case .f32(let numbers): Tensor(numbers, shape: cache)
                case .bf16(let numbers): Tensor(numbers, shape: cache)
                }
            }
    }

    /// A state that came over the wire; everything in `received` may be hostile.
    ///
    /// - Parameter tokens: at least one, all of them in the vocabulary.
    /// - Throws: `invalidArgument` when number, types or extents of the tensors are others, or a number is not finite.
    public init(
        tokens: [Int32], requestedPassages: Int, received: [Tensor], _ shape: RequestShape
    ) throws(ImpRAGError) {
        guard received.count == 3 else {
            throw ImpRAGError(
                .invalidArgument,
                "the request carries \(received.count) tensors; hidden states, keys and values are needed")
        }
        let hidden = try received[0].floats("hidden states", shape: [tokens.count, shape.hiddenSize])
        let keys = try Self.cache(received[1], "keys", tokens.count, shape)
        let values = try Self.cache(received[2], "values", tokens.count, shape)
        guard keys.isBFloat16 == values.isBFloat16 else {
            throw ImpRAGError(
                .invalidArgument,
                "the keys came as \(received[1].description), the values as \(received[2].description); both have one type"
            )
        }
        for (name, isFinite) in [
            ("hidden states", areFinite(hidden)), ("keys", areFinite(keys)), ("values", areFinite(values)),
        ] where !isFinite {
            throw ImpRAGError(.invalidArgument, "the \(name) hold a number that is not finite")
        }
        self.init(
            tokens: tokens, requestedPassages: requestedPassages, hidden: hidden, keys: keys, values: values,
            queryEmbedding: [])
    }

    private static func cache(
        _ tensor: Tensor, _ name: String, _ count: Int, _ shape: RequestShape
    ) throws(ImpRAGError) -> CacheNumbers {
        let extents = [shape.bottomBoundary, count, shape.keyWidth]
        return tensor.description.dataType == .bfloat16
            ? .bf16(try tensor.halves(name, shape: extents)) : .f32(try tensor.floats(name, shape: extents))
    }
}
