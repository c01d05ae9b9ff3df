import CKernels
public import Core

/// One query's weights for `CodeChunk`s, and room for what a scan finds. One owner at a time.
@safe public final class CodeScanner {
    /// Places in the chunk that was scanned last, ascending.
    public private(set) var places: [UInt32]
    /// Estimated inner products, one a place.
    public private(set) var estimates: [Float]
    /// Vectors of that chunk that could be found: those of the wanted rows.
    public private(set) var selected = 0

    private var low: [Int8]
    private var high: [Int8]
    private var steps: [Float]
    private var offsets: [Float]
    private var allowed: [UInt16] = []
    private let kernels: UnsafePointer<imprag_code_kernels>

    /// - Parameter kernels: a level of instructions by name, for tests; nil takes the best one.
    public init?(segments: Int, kernels name: String? = nil) {
        guard let table = unsafe name.map({ unsafe imprag_code_kernels_named($0) }) ?? imprag_code_kernels() else {
            return nil
        }
        unsafe kernels = table
        low = [Int8](repeating: 0, count: segments * CodeChunk.segmentBytes)
        high = low
        steps = [Float](repeating: 0, count: segments)
        offsets = steps
        places = [UInt32](repeating: 0, count: CodeChunk.limit)
        estimates = [Float](repeating: 0, count: CodeChunk.limit)
    }

    /// The levels of instructions that this processor has, the portable one first.
    package static var available: [String] {
        ["portable", "avx2", "avx512"].filter { unsafe imprag_code_kernels_named($0) != nil }
    }

    /// Sets the weights of one segment: numbers are rounded to 8 bits with a step of their own.
    ///
    /// - Parameter weights: `[128]`: of the lower and the upper nibble of byte 0, of byte 1, and so on; a nibble n counts as
    ///   n − 7.5.
    public func load(_ weights: Span<Float>, segment: Int) {
        let bytes = CodeChunk.segmentBytes
        precondition(weights.count == 2 * bytes && segment >= 0 && segment < steps.count)
        var most: Float = 0
        for index in weights.indices { most = max(most, abs(weights[index])) }
        // So small that its inverse is infinite is as good as nothing.
        let step = most / 127 >= .leastNormalMagnitude ? most / 127 : 0
        let inverse = step > 0 ? 1 / step : 0
        var sum: Int32 = 0
        for byte in 0..<bytes {
            let (lower, upper) = (
                Self.rounded(weights[2 * byte] * inverse), Self.rounded(weights[2 * byte + 1] * inverse)
            )
            low[segment * bytes + byte] = lower
            high[segment * bytes + byte] = upper
            sum += Int32(lower) + Int32(upper)
        }
        steps[segment] = step
        offsets[segment] = step * 7.5 * Float(sum)
    }

    /// Never traps: `min` prefers 127 to what is not a number.
    private static func rounded(_ weight: Float) -> Int8 { Int8(max(-127, min(127, weight.rounded()))) }

    /// Finds the vectors whose estimate is at least `least`; of those whose estimate from the first segment alone is below
    /// `least − slack` nothing more is looked at.
    ///
    /// - Parameters:
    ///   - base: added to every estimate.
    ///   - rows: nil, or the only rows that may be found.
    ///   - ahead: the chunk that will be scanned next: its codes are fetched meanwhile.
    /// - Returns: how many entries of `places` and `estimates` are valid.
    public func scan(
        _ chunk: CodeChunk, base: Float, least: Float, slack: Float, rows: RowSet? = nil, ahead: CodeChunk? = nil
    ) -> Int {
        precondition(chunk.segments == steps.count, "codes of \(chunk.segments) segments, a query of \(steps.count)")
        selected = rows.map { chunk.select($0, into: &allowed) } ?? chunk.count
        guard selected > 0 else { return 0 }
        return unsafe allowed.withUnsafeBufferPointer { bits in
            unsafe low.withUnsafeBufferPointer { low in
                unsafe high.withUnsafeBufferPointer { high in
                    unsafe steps.withUnsafeBufferPointer { steps in
                        unsafe offsets.withUnsafeBufferPointer { offsets in
                            var query = unsafe imprag_code_query(
                                low: low.baseAddress, high: high.baseAddress, step: steps.baseAddress,
                                offset: offsets.baseAddress)
                            return unsafe chunk.withCodes(allowed: rows == nil ? nil : bits.baseAddress, ahead: ahead) {
                                codes in
                                unsafe kernels.pointee.scan(codes, &query, base, least, slack, &places, &estimates)
                            }
                        }
                    }
                }
            }
        }
    }
}
