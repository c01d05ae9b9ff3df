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

    /// What is wrong with the first vector that has a number beyond the limit; nil when none has.
    ///
    /// - Parameter vectors: `[n × dimension]`, row-major: all of an array, or a slice of it.
    public static func fault(in vectors: ArraySlice<Float>, dimension: Int) -> Fault? {
        vectors.firstIndex { !holds($0) }.map { Fault(number: vectors[$0], place: $0, dimension: dimension) }
    }

    /// The same for vectors in bf16.
    public static func fault(in vectors: ArraySlice<BFloat16>, dimension: Int) -> Fault? {
        vectors.firstIndex { !holds($0.float) }.map {
            Fault(number: vectors[$0].float, place: $0, dimension: dimension)
        }
    }

    /// A number beyond the limit.
    public struct Fault: Sendable {
        /// Which vector of the array it is in, from 0.
        public let vector: Int
        /// As in `holds nan at index 3; numbers from -2^50 to 2^50 are right`.
        public let words: String

        fileprivate init(number: Float, place: Int, dimension: Int) {
            vector = place / dimension
            words = "holds \(number) at index \(place % dimension); numbers from -2^50 to 2^50 are right"
        }
    }
}
