internal import Kernels

/// Which coordinate each nibble of a code describes, and how finely.
///
/// Coordinates get 0, 4 or 8 bits, allotted greedily: the next nibble goes where it reduces the expected squared error
/// of an inner product most. This is reverse water-filling over variances (Cover & Thomas, "Elements of Information
/// Theory", 10.3) weighted by a query's expected energy along each coordinate. An 8-bit coordinate is two nibbles, the
/// upper one weighted by 16, so that the scan deals in nibbles only.
struct CodeLayout: Sendable {
    let size: CodeSize
    /// `[width]`: 0, 4 or 8.
    let bits: [UInt8]
    /// `[width]`: the quantizer's step; 0 where there are no bits.
    let steps: [Float]
    /// `[nibbles]`: the coordinate of each nibble, −1 for an unused one. An 8-bit coordinate has its upper
    /// nibble first.
    let coordinates: [Int16]
    /// `[nibbles]`: how much one unit of the nibble adds to the coordinate.
    let factors: [Float]
    /// `[width]`: expected squared error of the coordinate with the first segment alone, and with all.
    let firstErrors: [Float]
    let errors: [Float]

    var nibblesPerSegment: Int { size.shape.nibblesPerSegment }

    /// - Parameters:
    ///   - sample: `[rows × width]`, coordinates like those to be coded.
    ///   - weights: `[width]`: the expected square of a query's coordinate.
    init(sample: [Float], rows: Int, width: Int, weights: [Float], size: CodeSize) {
        let fits = (0..<width).map { QuantizerFit(sample: sample, rows: rows, width: width, coordinate: $0) }
        let bits = Self.allocate(fits, weights: weights, nibbles: 2 * size.rawValue)
        let steps = (0..<width).map { bits[$0] == 0 ? 0 : bits[$0] == 4 ? fits[$0].step4 : fits[$0].step8 }
        let errors = (0..<width).map {
            bits[$0] == 0 ? fits[$0].variance : bits[$0] == 4 ? fits[$0].error4 : fits[$0].error8
        }
        self.init(
            size: size, bits: bits, steps: steps, variances: fits.map(\.variance), errors: errors, weights: weights)
    }

    /// Assigns coordinates to segments, the most important first.
    private init(
        size: CodeSize, bits: [UInt8], steps: [Float], variances: [Float], errors: [Float], weights: [Float]
    ) {
        let order = bits.indices.filter { bits[$0] > 0 }.sorted {
            weights[$0] * variances[$0] > weights[$1] * variances[$1]
        }
        let (segments, length) = (size.shape.segments, size.shape.nibblesPerSegment)
        var places = (0..<segments).map { $0 * length }
        var coordinates = [Int16](repeating: -1, count: segments * length)
        var factors = [Float](repeating: 0, count: coordinates.count)
        var firstErrors = errors
        for coordinate in order {
            let nibbles = Int(bits[coordinate]) / 4
            // First fit; both nibbles of an 8-bit coordinate go into the same segment.
            guard
                let segment = places.indices.first(where: { places[$0] + nibbles <= ($0 + 1) * length })
            else { continue }
            for part in 0..<nibbles {
                coordinates[places[segment]] = Int16(coordinate)
                factors[places[segment]] = steps[coordinate] * (nibbles == 2 && part == 0 ? 16 : 1)
                places[segment] += 1
            }
            if segment > 0 { firstErrors[coordinate] = variances[coordinate] }
        }
        self.init(
            size: size, bits: bits, steps: steps, coordinates: coordinates, factors: factors, firstErrors: firstErrors,
            errors: errors)
    }

    /// From its parts, as they are stored.
    init(
        size: CodeSize, bits: [UInt8], steps: [Float], coordinates: [Int16], factors: [Float], firstErrors: [Float],
        errors: [Float]
    ) {
        self.size = size
        self.bits = bits
        self.steps = steps
        self.coordinates = coordinates
        self.factors = factors
        self.firstErrors = firstErrors
        self.errors = errors
    }

    /// The bits of each coordinate. Each step takes the best gain per nibble: 0 → 4, 4 → 8 or 0 → 8.
    private static func allocate(_ fits: [QuantizerFit], weights: [Float], nibbles: Int) -> [UInt8] {
        var bits = [UInt8](repeating: 0, count: fits.count)
        func gain(_ index: Int) -> (perNibble: Float, bits: UInt8) {
            let fit = fits[index]
            switch bits[index] {
            case 0:
                let four = weights[index] * (fit.variance - fit.error4)
                let eight = weights[index] * (fit.variance - fit.error8) / 2
                return eight > four ? (eight, 8) : (four, 4)
            case 4: return (weights[index] * (fit.error4 - fit.error8), 8)
            default: return (0, 8)
            }
        }
        var gains = fits.indices.map(gain)
        var left = nibbles
        while left > 0 {
            guard let best = gains.indices.max(by: { gains[$0].perNibble < gains[$1].perNibble }),
                gains[best].perNibble > 0
            else { break }
            let cost = Int(gains[best].bits - bits[best]) / 4
            guard cost <= left else {
                gains[best].perNibble = 0
                continue
            }
            left -= cost
            bits[best] = gains[best].bits
            gains[best] = gain(best)
        }
        return bits
    }
}

/// Uniform quantizers of 4 and 8 bits for one coordinate, with their best steps and errors.
private struct QuantizerFit {
    let variance: Float
    var step4: Float = 0
    var error4: Float = .infinity
    var step8: Float = 0
    var error8: Float = .infinity

    /// Steps to try, in standard deviations, around the optimum for a normal distribution (0.335 and 0.031).
    private static let tried4: [Float] = [0.27, 0.31, 0.335, 0.37, 0.41, 0.46, 0.52, 0.6, 0.7]
    private static let tried8: [Float] = [0.02, 0.025, 0.031, 0.038, 0.046, 0.056, 0.07, 0.09]

    init(sample: [Float], rows: Int, width: Int, coordinate: Int) {
        var values: [Float] = []
        values.reserveCapacity(rows)
        for row in 0..<rows { values.append(sample[row * width + coordinate]) }
        variance = values.reduce(0) { $0 + $1 * $1 } / Float(max(1, rows))
        let deviation = max(variance.squareRoot(), .leastNormalMagnitude)
        for factor in Self.tried4 {
            let error = Self.error(values, step: factor * deviation, half: 8)
            if error < error4 { (step4, error4) = (factor * deviation, error) }
        }
        for factor in Self.tried8 {
            let error = Self.error(values, step: factor * deviation, half: 128)
            if error < error8 { (step8, error8) = (factor * deviation, error) }
        }
    }

    private static func error(_ values: [Float], step: Float, half: Float) -> Float {
        let inverse = 1 / step
        var sum: Float = 0
        for value in values {
            let cell = max(-half, min(half - 1, (value * inverse).rounded(.down)))
            let difference = value - (cell + 0.5) * step
            sum += difference * difference
        }
        return sum / Float(max(1, values.count))
    }
}
