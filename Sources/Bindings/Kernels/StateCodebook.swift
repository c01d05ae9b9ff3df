/// The codebook of one layer's keys or values (`states.h`). Integers with few scales, so that decoding sums exactly,
/// with the same bits on every processor.
public struct StateCodebook: Sendable {
    /// Numbers that one code stands for.
    public static let groupSize = 4
    /// Centroids of a group.
    public static let centroidCount = 256

    public let headSize: Int
    /// `[head size / 4 × 256 × 4]`, in units of `scales`.
    public let centroids: [Int8]
    /// `[head size × head size]`: row d computes number d from the centroids' numbers.
    public let basis: [Int8]
    /// `[head size]`.
    public let scales: [Float]
    /// `[heads × head size]`.
    public let means: [Float]

    /// 128 + `basis`, and a row of ones.
    let basisRows: [UInt8]
    let basisPanel: [Int8]
    let offsets: [Int32]

    public init(headSize: Int, centroids: [Int8], basis: [Int8], scales: [Float], means: [Float]) {
        precondition(
            headSize > 0 && headSize % Self.groupSize == 0 && centroids.count == headSize * Self.centroidCount
                && basis.count == headSize * headSize && scales.count == headSize && means.count % headSize == 0,
            "a codebook's arrays do not fit heads of \(headSize)")
        self.headSize = headSize
        self.centroids = centroids
        self.basis = basis
        self.scales = scales
        self.means = means
        basisRows = basis.map { UInt8(128 + Int($0)) } + [UInt8](repeating: 1, count: headSize)
        let width = (headSize + 15) / 16 * 16
        var panel = [Int8](repeating: 0, count: width * headSize)
        var offsets = [Int32](repeating: 0, count: width)
        for d in 0..<headSize {
            for k in 0..<headSize {
                let number = basis[d * headSize + k]
                panel[(k / 4 * width + d) * 4 + k % 4] = number
                offsets[d] += 128 * Int32(number)
            }
        }
        basisPanel = panel
        self.offsets = offsets
    }
}
