import CKernels
internal import Core

/// Finds the best of vectors that lie in memory: a first pass over their codes says which may be among the best, and
/// those are scored exactly. One owner at a time.
@safe public final class FlatScanner {
    private let search: OpaquePointer
    private let kernels: UnsafePointer<imprag_flat_kernels>

    /// - Parameter name: an instruction level, for tests; nil takes the best one.
    /// - Returns: nil when there is no such level here.
    public init?(kernels name: String? = nil) {
        guard let table = unsafe name.map({ unsafe imprag_flat_kernels_named($0) }) ?? imprag_flat_kernels() else {
            return nil
        }
        guard let made = unsafe imprag_flat_search_create() else {
            preconditionFailure("no memory for a search")
        }
        unsafe (search, kernels) = (made, table)
    }

    deinit { unsafe imprag_flat_search_destroy(search) }

    /// Starts anew.
    ///
    /// - Parameters:
    ///   - queries: `[count × dimension]`, within `VectorLimit`.
    ///   - k: how many are wanted for each; at least 1.
    public func begin(_ queries: [Float], count: Int, dimension: Int, k: Int) {
        precondition(queries.count == count * dimension && k > 0, "\(queries.count) numbers are no \(count) queries")
        guard unsafe imprag_flat_begin(search, queries, count, dimension, k) else {
            preconditionFailure("no memory for \(count) queries of \(dimension) numbers")
        }
    }

    /// Looks at some panels of a block, of the queries' dimension, for all queries.
    public func scan(_ block: FlatBlock, panels: Range<Int>, allowed: FlatBlock.Allowed) {
        precondition(
            panels.lowerBound >= 0 && panels.upperBound <= block.panelCount && allowed.words.count == block.panelCount,
            "panels \(panels) of \(block.panelCount)")
        defer { withExtendedLifetime(block) {} }
        let isDone = unsafe withUnsafePointer(to: block.block) { block in
            unsafe imprag_flat_scan(kernels, search, block, panels.lowerBound, panels.upperBound, allowed.words)
        }
        precondition(isDone, "no memory for candidates")
    }

    /// Scores candidates of a query exactly, the most promising first, until no other can be among the best. The blocks
    /// that were scanned have to be alive.
    ///
    /// - Parameters:
    ///   - threshold: a lower score cannot enter.
    ///   - enter: gets a row and its score, and returns the threshold from then on.
    /// - Returns: how many were scored.
    @discardableResult
    public func score(_ query: Int, threshold: Float, _ enter: (_ row: Int, _ score: Float) -> Float) -> Int {
        var (count, done, threshold) = (0, 0, threshold)
        guard let candidates = unsafe imprag_flat_candidates(search, query, &count) else { return 0 }
        let most = imprag_flat_scored
        return unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: most) { scores in
            while done < count {
                var end = done
                while end < min(done + most, count), unsafe !(candidates[end].upper < threshold) { end += 1 }
                guard end > done else { break }
                unsafe imprag_flat_score(search, query, candidates + done, end - done, scores.baseAddress)
                for place in done..<end {
                    threshold = unsafe enter(Int(candidates[place].row), scores[place - done])
                }
                done = end
            }
            return done
        }
    }
}

extension FlatScanner {
    /// What every vector's inner product with each query is at most at one instruction level, and which vectors reach
    /// `least`, for comparing levels.
    package static func bounds(
        _ queries: [[Int16]], unit: Float, base: Float, norm: Float, least: Float, of block: FlatBlock, level: String
    ) -> (upper: [Float], near: [UInt16])? {
        guard let table = unsafe imprag_flat_kernels_named(level) else { return nil }
        let stride = block.panelCount * FlatBlock.panelRows
        var upper = [Float](repeating: 0, count: queries.count * stride)
        var near = [UInt16](repeating: 0, count: queries.count * block.panelCount)
        let words = queries.flatMap { $0 }
        unsafe words.withUnsafeBufferPointer { words in
            guard let first = words.baseAddress else { return }
            let each = words.count / queries.count
            let given = unsafe queries.indices.map { place in
                unsafe imprag_flat_query(words: first + place * each, unit: unit, base: base, norm: norm, least: least)
            }
            unsafe withUnsafePointer(to: block.block) { block in
                unsafe table.pointee.bound(
                    block, 0, near.count / queries.count, given, queries.count, &upper, stride, &near)
            }
        }
        return (upper, near)
    }
}
