import Kernels

/// Cosines and sines by position. The first positions, which every passage has, are computed once.
struct RotaryTable: Sendable {
    /// `[headSize / 2]`: radians per position.
    let frequencies: [Double]
    private let first: Rotation

    init(frequencies: [Double], positions: Int) {
        self.frequencies = frequencies
        first = Rotation(frequencies: frequencies, positions: 0..<positions)
    }

    /// For `count` tokens, the first at `position`.
    func rotation(at position: Int, count: Int) -> Rotation {
        guard position + count <= first.count else {
            return Rotation(frequencies: frequencies, positions: position..<position + count)
        }
        return first.dropping(position)
    }
}
