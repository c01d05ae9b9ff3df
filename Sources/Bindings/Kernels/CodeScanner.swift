import CKernels
public import Core

/// One query's weights, and the buffers that a scan of codes fills. One owner at a time.
@safe public final class CodeScanner {
    /// How many entries of `rows`, `estimates` and `firsts` are valid.
    public private(set) var found = 0
    /// Found rows, in no order.
    public private(set) var rows: [UInt32] = []
    /// Estimated inner products, one per row, and those from the first segment alone.
    public private(set) var estimates: [Float] = []
    public private(set) var firsts: [Float] = []
    /// Codes that were scanned.
    public private(set) var scanned = 0
    /// Scanned codes whose rows are allowed; counted only when those are few.
    public private(set) var selected = 0

    private let shape: CodeShape
    private var low: [Int8]
    private var high: [Int8]
    private var steps: [Float]
    private var offsets: [Float]
    private var limits = Limits()
    private var heap: [Float] = []
    private var heapCount = 0
    private var places = [UInt32](repeating: 0, count: CodeChunk.limit)
    private var bits = [UInt16](repeating: 0, count: CodeChunk.limit / 16)
    private let kernels: UnsafePointer<imprag_code_kernels>

    /// What a scan keeps.
    public struct Limits: Sendable {
        /// Rows that are wanted.
        public var k: Int
        /// A score below it cannot be among the best.
        public var floor: Float
        /// How far below the k-th best estimate a candidate may be to be kept.
        public var band: Float
        /// The same for an estimate from the first segment.
        public var firstBand: Float

        public init(k: Int = 1, floor: Float = -.infinity, band: Float = .infinity, firstBand: Float = .infinity) {
            self.k = k
            self.floor = floor
            self.band = band
            self.firstBand = firstBand
        }
    }

    /// - Parameter kernels: an instruction level by name, for tests; nil takes the best one.
    /// - Returns: nil when there is no such level here.
    public init?(shape: CodeShape, kernels name: String? = nil) {
        guard let table = unsafe name.map({ unsafe imprag_code_kernels_named($0) }) ?? imprag_code_kernels() else {
            return nil
        }
        unsafe kernels = table
        self.shape = shape
        low = [Int8](repeating: 0, count: shape.byteCount)
        high = low
        steps = [Float](repeating: 0, count: shape.segments)
        offsets = steps
    }

    /// Sets the weights of one segment, quantized to 8 bits with one step per segment.
    ///
    /// - Parameter weights: `[shape.nibblesPerSegment]`: of the lower and the upper nibble of byte 0, of byte 1, and so
    ///   on; nibble n stands for n − 7.5.
    public func load(_ weights: Span<Float>, segment: Int) {
        let bytes = shape.segmentBytes
        precondition(weights.count == 2 * bytes && segment >= 0 && segment < steps.count)
        var most: Float = 0
        for index in weights.indices { most = max(most, abs(weights[index])) }
        // A step so small that its inverse is infinite counts as zero.
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

    /// Never traps: for NaN, `min` returns 127.
    private static func rounded(_ weight: Float) -> Int8 { Int8(max(-127, min(127, weight.rounded()))) }

    /// Copies the weights of another scanner, to share the lists of its query.
    public func load(_ other: CodeScanner) {
        precondition(shape == other.shape)
        (low, high, steps, offsets) = (other.low, other.high, other.steps, other.offsets)
    }

    /// Adds what `other` found for the same query and limits in other lists.
    public func absorb(_ other: CodeScanner) {
        if rows.count < found + other.found { grow(by: other.found) }
        let place = found..<(found + other.found)
        rows.replaceSubrange(place, with: other.rows[..<other.found])
        estimates.replaceSubrange(place, with: other.estimates[..<other.found])
        firsts.replaceSubrange(place, with: other.firsts[..<other.found])
        found = place.upperBound
        scanned += other.scanned
        selected += other.selected
        unsafe withState(liveWords: [], bitCount: 0, areFew: false) { state in
            unsafe imprag_scan_learn(state, other.heap, other.heapCount)
        }
    }

    /// Resets the results for a new query.
    public func begin(_ limits: Limits) {
        self.limits = limits
        if heap.count < limits.k { heap = [Float](repeating: 0, count: limits.k) }
        heapCount = 0
        found = 0
        scanned = 0
        selected = 0
    }

    /// The number of best rows so far, at most `k`.
    public var known: Int { heapCount }

    /// Scans lists in the order given.
    ///
    /// - Parameters:
    ///   - bases: one per list, added to each estimate in it.
    ///   - live: only these rows may be found.
    ///   - areFew: whether to score only the rows in `live`: faster when they are few.
    public func scan(
        _ lists: ArraySlice<UInt32>, bases: ArraySlice<Float>, in table: CodeTable, live: RowSet, areFew: Bool
    ) {
        precondition(
            lists.count == bases.count && lists.allSatisfy { $0 < table.lists.count }, "a list or a base is missing")
        var (lists, bases) = (lists, bases)
        while !lists.isEmpty {
            let done = scanSome(lists, bases, table, live, areFew)
            lists = lists.dropFirst(done)
            bases = bases.dropFirst(done)
            guard let next = lists.first else { break }
            grow(by: table.lists[Int(next)].reduce(0) { $0 + $1.count })
        }
    }

    /// Drops what is below the current limits.
    public func finish() {
        unsafe withState(liveWords: [], bitCount: 0, areFew: false) { state in unsafe imprag_scan_finish(state) }
    }

    private func grow(by count: Int) {
        let room = max(2 * rows.count, found + count, 1024)
        rows += repeatElement(0, count: room - rows.count)
        estimates += repeatElement(0, count: room - estimates.count)
        firsts += repeatElement(0, count: room - firsts.count)
    }

    private func scanSome(
        _ lists: ArraySlice<UInt32>, _ bases: ArraySlice<Float>, _ table: CodeTable, _ live: RowSet, _ areFew: Bool
    ) -> Int {
        defer { withExtendedLifetime(table) {} }
        return unsafe lists.withUnsafeBufferPointer { lists in
            unsafe bases.withUnsafeBufferPointer { bases in
                unsafe withState(liveWords: live.words, bitCount: live.bitCount, areFew: areFew) { state in
                    unsafe state.pointee.chunks = UnsafePointer(table.chunks)
                    unsafe state.pointee.starts = UnsafePointer(table.starts)
                    return unsafe imprag_scan_lists(kernels, state, lists.baseAddress, bases.baseAddress, lists.count)
                }
            }
        }
    }

    /// Passes everything to the C side and reads its counts back.
    private func withState<Value>(
        liveWords: [UInt64], bitCount: Int, areFew: Bool, _ body: (UnsafeMutablePointer<imprag_list_scan>) -> Value
    ) -> Value {
        unsafe low.withUnsafeBufferPointer { low in
            unsafe high.withUnsafeBufferPointer { high in
                unsafe steps.withUnsafeBufferPointer { steps in
                    unsafe offsets.withUnsafeBufferPointer { offsets in
                        unsafe liveWords.withUnsafeBufferPointer { live in
                            var query = unsafe imprag_code_query(
                                low: low.baseAddress, high: high.baseAddress, step: steps.baseAddress,
                                offset: offsets.baseAddress)
                            return unsafe withUnsafePointer(to: &query) { query in
                                unsafe withRoom(query, live.baseAddress, bitCount, areFew, body)
                            }
                        }
                    }
                }
            }
        }
    }

    private func withRoom<Value>(
        _ query: UnsafePointer<imprag_code_query>, _ live: UnsafePointer<UInt64>?, _ bitCount: Int, _ areFew: Bool,
        _ body: (UnsafeMutablePointer<imprag_list_scan>) -> Value
    ) -> Value {
        unsafe rows.withUnsafeMutableBufferPointer { rows in
            unsafe estimates.withUnsafeMutableBufferPointer { estimates in
                unsafe firsts.withUnsafeMutableBufferPointer { firsts in
                    unsafe heap.withUnsafeMutableBufferPointer { heap in
                        unsafe places.withUnsafeMutableBufferPointer { places in
                            unsafe bits.withUnsafeMutableBufferPointer { bits in
                                var state = unsafe imprag_list_scan(
                                    chunks: nil, starts: nil, query: query, live: live, live_bits: bitCount,
                                    live_are_few: areFew ? 1 : 0, floor: limits.floor, band: limits.band,
                                    first_band: limits.firstBand, heap: heap.baseAddress, k: limits.k,
                                    heap_count: heapCount, rows: rows.baseAddress, estimates: estimates.baseAddress,
                                    firsts: firsts.baseAddress, found: found, room: rows.count,
                                    places: places.baseAddress, bits: bits.baseAddress, scanned: scanned,
                                    selected: selected)
                                let value = unsafe body(&state)
                                heapCount = unsafe state.heap_count
                                found = unsafe state.found
                                scanned = unsafe state.scanned
                                selected = unsafe state.selected
                                return value
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The indices of the `wanted` largest scores, largest first, ties by index.
public func placesOfLargest(_ wanted: Int, of scores: [Float]) -> [UInt32] {
    var keys: [UInt64] = []
    return placesOfLargest(wanted, of: scores, room: &keys)
}

/// The same, with a buffer that is reused by the next call.
public func placesOfLargest(_ wanted: Int, of scores: [Float], room keys: inout [UInt64]) -> [UInt32] {
    let count = max(0, min(wanted, scores.count))
    if keys.count < scores.count { keys = [UInt64](repeating: 0, count: scores.count) }
    return unsafe [UInt32](unsafeUninitializedCapacity: count) { order, initialized in
        unsafe imprag_select_largest(scores, scores.count, count, &keys, order.baseAddress)
        initialized = count
    }
}

/// `sums = scores + factor · added`, number by number; all of the same length.
public func addScaled(_ scores: [Float], _ added: [Float], times factor: Float, into sums: inout [Float]) {
    precondition(
        scores.count == added.count && scores.count == sums.count,
        "\(scores.count) and \(added.count) numbers into \(sums.count)")
    unsafe imprag_add_scaled(scores, added, factor, scores.count, &sums)
}

extension CodeScanner {
    /// What a scan of one chunk finds at this instruction level, for comparing levels: indices, estimates and the
    /// estimates from the first segment.
    package func scan(
        _ chunk: CodeChunk, base: Float, least: Float, firstLeast: Float, allowed: [UInt16]? = nil
    ) -> (places: [UInt32], estimates: [Float], firsts: [Float]) {
        defer { withExtendedLifetime(chunk) {} }
        var places = [UInt32](repeating: 0, count: chunk.count)
        var estimates = [Float](repeating: 0, count: chunk.count)
        var firsts = estimates
        let count = unsafe withState(liveWords: [], bitCount: 0, areFew: false) { state in
            var codes = unsafe chunk.codes
            guard let allowed else {
                return unsafe kernels.pointee.scan(
                    &codes, state.pointee.query, nil, nil, base, least, firstLeast, &places, &estimates, &firsts)
            }
            return unsafe kernels.pointee.scan(
                &codes, state.pointee.query, allowed, nil, base, least, firstLeast, &places, &estimates, &firsts)
        }
        return (Array(places.prefix(count)), Array(estimates.prefix(count)), Array(firsts.prefix(count)))
    }
}
