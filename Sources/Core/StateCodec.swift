/// How a passage's states are written (docs/passage-states.md).
public enum StateCodec: String, Sendable, CaseIterable {
    /// Unchanged; float32 states are rounded.
    case bf16
    /// Half the size: integers with a scale for each channel of the keys and each token of the values.
    case int8
    /// An eighth of the size: product quantization with trained codebooks, the paper's OPQ32x128-PQ32x8 for heads of
    /// 128.
    case pq
}
