import Foundation

/// Cosines and sines for consecutive positions.
public struct Rotation: Sendable {
    /// `[positions × headSize / 2]` each.
    public let cosines: [Float]
    public let sines: [Float]
    public let count: Int
    /// The position of the first token, counted from the first row.
    public private(set) var start = 0

    /// Angles are computed in float64 and only their cosines and sines rounded.
    public init(frequencies: [Double], positions: Range<Int>) {
        var cosines: [Float] = []
        var sines: [Float] = []
        cosines.reserveCapacity(positions.count * frequencies.count)
        sines.reserveCapacity(positions.count * frequencies.count)
        for position in positions {
            for frequency in frequencies {
                let angle = Double(position) * frequency
                cosines.append(Float(cos(angle)))
                sines.append(Float(sin(angle)))
            }
        }
        self.cosines = cosines
        self.sines = sines
        count = positions.count
    }

    /// The same rotation, starting `positions` later.
    public func dropping(_ positions: Int) -> Rotation {
        var other = self
        other.start += positions
        return other
    }
}
