/// How large the numbers of a vector may be, a passage's or a query's.
public enum VectorLimit {
    /// 2⁵⁰, about 10¹⁵; models' vectors have numbers up to a few hundred. A model refuses embeddings that are longer
    /// than this, so none of their numbers exceeds it.
    ///
    /// With it, no score overflows float32, which ends at 2¹²⁸: an inner product over 2²⁰ numbers, the largest
    /// dimension, stays within 2²⁰ · 2⁵⁰ · 2⁵⁰ = 2¹²⁰, and a squared distance, as between vectors and centroids, within
    /// 2²⁰ · 2⁵¹ · 2⁵¹ = 2¹²².
    public static let magnitude: Float = 0x1p50

    /// Whether `number` is finite and within the limit.
    public static func holds(_ number: Float) -> Bool { number.magnitude <= magnitude }

    /// What is right, for messages.
    public static let words = "numbers from -2^50 to 2^50 are right"
}
