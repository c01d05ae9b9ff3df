import CKernels

/// Attention of the newest tokens of several sequences in one layer: each token attends, in one softmax, to its
/// sequence's context and to its own sequence up to itself.
///
/// A row's result has the same bits whatever else is in the batch, and whether tokens come one by one or together.
///
/// - Parameters:
///   - window: tokens of its own sequence, itself included, that a row sees; nil for all. The whole context is always
///     seen.
///   - queries: rows `queryStride` apart.
///   - out: `[rows × queryWidth]`; the sequences' rows are overwritten.
///   - mass: empty, or `[measured rows × query heads × passages]` in the order of sequences: overwritten by each such
///     row's softmax weights, summed over each span of the context.
public func attend(
    _ shape: AttentionShape, layer: Int, window: Int? = nil, sequences: [AttentionRows], queries: [Float],
    queryStride: Int, into out: inout [Float], mass: inout [Float], pool: WorkerPool
) {
    let heads = shape.keyHeadCount * shape.groupSize
    let lastRow = sequences.map(\.rows.upperBound).max() ?? 0
    let masses = sequences.map { $0.measuredRows * heads * ($0.context?.spans.count ?? 0) }
    precondition(
        queries.count >= (lastRow - 1) * queryStride + shape.queryWidth && out.count >= lastRow * shape.queryWidth
            && (mass.isEmpty || mass.count == masses.reduce(0, +)),
        "attention of \(lastRow) rows does not fit its arguments")
    unsafe queries.withUnsafeBufferPointer { queries in
        unsafe out.withUnsafeMutableBufferPointer { out in
            unsafe mass.withUnsafeMutableBufferPointer { mass in
                guard let queries = queries.baseAddress, let out = out.baseAddress else { return }
                var jobs: [AttentionJob] = []
                var nextMass = mass.isEmpty ? nil : mass.baseAddress
                for (sequence, count) in zip(sequences, masses) {
                    jobs.append(
                        unsafe AttentionJob(
                            shape, layer, window, sequence, queries: queries + sequence.rows.lowerBound * queryStride,
                            queryStride, out: out + sequence.rows.lowerBound * shape.queryWidth,
                            mass: count > 0 ? nextMass : nil))
                    unsafe nextMass = nextMass.map { unsafe $0 + count }
                }
                runAll(jobs, shape, pool)
            }
        }
    }
    withExtendedLifetime(sequences) {}
}

/// One sequence's attention, split into pieces of some rows of one key head.
@safe private struct AttentionJob {
    // Lives as long as the arguments of `attend`.
    let raw: imprag_attention
    let rows: Int
    private(set) var pieceRows: Int
    let multiplications: Int

    init(
        _ shape: AttentionShape, _ layer: Int, _ window: Int?, _ sequence: AttentionRows, queries: UnsafePointer<Float>,
        _ queryStride: Int, out: UnsafeMutablePointer<Float>, mass: UnsafeMutablePointer<Float>?
    ) {
        let (own, context) = (sequence.own, sequence.context)
        rows = sequence.rows.count
        let total = own.count + sequence.skipped + rows + (context?.count ?? 0)
        let contextOffset = context?.parts.first.map { ($0.layout, $0.layout.layerBytes) }
        unsafe raw = imprag_attention(
            number: own.layout.number.raw, rounds: shape.roundsQueries, heads: shape.keyHeadCount,
            depth: shape.headSize, group: shape.groupSize,
            queries: queries, query_stride: queryStride, rows: rows, parts: context?.tokens,
            part_count: context?.parts.count ?? 0,
            part_offset: contextOffset.map { (layer - $0.layers.lowerBound) * $1 } ?? 0, own_blocks: own.pointers,
            own_offset: (layer - own.layout.layers.lowerBound) * own.layout.layerBytes,
            first: own.count + sequence.skipped, window: window ?? 0,
            scale: 1 / Float(shape.headSize).squareRoot(), out: out, out_stride: shape.queryWidth, mass: mass,
            mass_from: sequence.rows.count - sequence.measuredRows,
            spans: context?.spanNumbers, span_count: context?.spans.count ?? 0,
            received: sequence.received?.sums(layer: layer), received_stride: sequence.received?.tokenCount ?? 0)
        // A piece's scores stay in the L2 cache.
        let byCache = (1 << 17) / max(1, total * shape.groupSize)
        pieceRows = max(1, min(rows, byCache, 96 / shape.groupSize))
        multiplications = rows * total * shape.queryWidth
    }

    var pieceCount: Int { (rows + pieceRows - 1) / pieceRows }

    /// Cuts the rows into at least `count` pieces, as far as they go.
    mutating func cut(into count: Int, leastRows: Int) {
        let most = max(1, rows / leastRows)
        let pieces = max(pieceCount, min(count, most))
        pieceRows = (rows + pieces - 1) / pieces
    }
}

/// Rows of a piece at least, of all query heads of a key head together: fewer leave the products' tiles unfilled.
private let leastPieceRows = 12

private func runAll(_ jobs: [AttentionJob], _ shape: AttentionShape, _ pool: WorkerPool) {
    let isShared = pool.threadCount > 1 && jobs.reduce(0) { $0 + $1.multiplications } >= 1 << 17
    var jobs = jobs
    if isShared {
        // One sequence with three key heads would keep two threads waiting for the third piece.
        let wanted = (4 * pool.threadCount + shape.keyHeadCount - 1) / shape.keyHeadCount
        let each = (wanted + jobs.count - 1) / jobs.count
        for index in jobs.indices { jobs[index].cut(into: each, leastRows: max(1, leastPieceRows / shape.groupSize)) }
    }
    var starts = [0]
    for job in jobs { starts.append(starts[starts.count - 1] + job.pieceCount * shape.keyHeadCount) }
    let total = starts[starts.count - 1]
    // Read only; their pointers outlive the job, which `run` waits for.
    nonisolated(unsafe) let shared = jobs
    let work: @Sendable (Int) -> Void = { [starts] index in
        var job = 0
        while starts[job + 1] <= index { job += 1 }
        let (piece, head) = (index - starts[job]).quotientAndRemainder(dividingBy: shape.keyHeadCount)
        let taken = unsafe shared[job]
        let first = piece * taken.pieceRows
        let status = unsafe withUnsafePointer(to: taken.raw) {
            unsafe imprag_attend($0, head, first, min(taken.pieceRows, taken.rows - first))
        }
        precondition(status == 0, "no memory for one head's attention")
    }
    if isShared {
        pool.run(total, work)
    } else {
        for index in 0..<total { work(index) }
    }
}

/// Rotates queries and keys by their tokens' positions (RoPE over halves), and writes keys and values to their
/// sequences, where room for them must be reserved.
///
/// - Parameters:
///   - rows: rows `stride` apart; queries, keys and values begin at these columns.
///   - queryColumn: nil without queries.
public func rotateAndKeep(
    _ shape: AttentionShape, layer: Int, sequences: [AttentionRows], rows: inout [Float], stride: Int,
    queryColumn: Int?, keyColumn: Int, valueColumn: Int, pool: WorkerPool
) {
    let queryHeads = shape.keyHeadCount * shape.groupSize
    precondition(
        max(keyColumn, valueColumn) + shape.keyWidth <= stride && (queryColumn ?? 0) + shape.queryWidth <= stride
            && sequences.allSatisfy {
                $0.rows.upperBound * stride <= rows.count
                    && $0.rotation.count >= $0.rotation.start + $0.skipped + $0.rows.count
            }, "rows of \(queryHeads) + 2 × \(shape.keyHeadCount) heads do not fit \(stride)")
    // Each row and token is written by only one thread.
    let pieces = sequences.indices.flatMap { index in
        Swift.stride(from: 0, to: sequences[index].rows.count, by: 16).map { (sequence: index, first: $0) }
    }
    unsafe rows.withUnsafeMutableBufferPointer { rows in
        nonisolated(unsafe) let rows = rows.baseAddress
        let work: @Sendable (Int) -> Void = { piece in
            guard let rows = unsafe rows else { return }
            let sequence = sequences[pieces[piece].sequence]
            let first = pieces[piece].first
            unsafe turn(
                sequence, first..<min(first + 16, sequence.rows.count),
                rows + sequence.rows.lowerBound * stride, stride, shape, layer, queryColumn, keyColumn, valueColumn)
        }
        if pieces.count < 3 {
            for piece in pieces.indices { work(piece) }
        } else {
            pool.run(pieces.count, work)
        }
    }
}

/// The same for some rows of one sequence, the first of which is at `base`.
private func turn(
    _ sequence: AttentionRows, _ rows: Range<Int>, _ base: UnsafeMutablePointer<Float>, _ stride: Int,
    _ shape: AttentionShape, _ layer: Int, _ queryColumn: Int?, _ keyColumn: Int, _ valueColumn: Int
) {
    let half = shape.headSize / 2
    let rotation = sequence.rotation
    unsafe rotation.cosines.withUnsafeBufferPointer { cosines in
        unsafe rotation.sines.withUnsafeBufferPointer { sines in
            guard let cosines = cosines.baseAddress, let sines = sines.baseAddress else { return }
            for index in rows {
                let row = unsafe base + index * stride
                let angle = (rotation.start + sequence.skipped + index) * half
                if let queryColumn {
                    unsafe imprag_rotate(
                        row + queryColumn, shape.keyHeadCount * shape.groupSize, shape.headSize, cosines + angle,
                        sines + angle)
                }
                unsafe imprag_rotate(
                    row + keyColumn, shape.keyHeadCount, shape.headSize, cosines + angle, sines + angle)
                unsafe sequence.own.keep(
                    row + keyColumn, row + valueColumn, behind: sequence.skipped + index, layer: layer)
            }
        }
    }
}

/// Adds rows of `increment`, `incrementStride` apart, to the rows of `x`, `[rows × width]`.
public func add(_ increment: [Float], incrementStride: Int, to x: inout [Float], rows: Int, width: Int) {
    precondition(
        rows == 0 || increment.count >= (rows - 1) * incrementStride + width && x.count >= rows * width,
        "\(rows) rows of \(width) do not fit")
    unsafe increment.withUnsafeBufferPointer { increment in
        unsafe x.withUnsafeMutableBufferPointer { x in
            guard let increment = increment.baseAddress, let x = x.baseAddress else { return }
            for row in 0..<rows { unsafe imprag_add(increment + row * incrementStride, x + row * width, width) }
        }
    }
}
