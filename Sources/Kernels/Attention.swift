import CKernels

/// Attention of the last `rows` tokens of a sequence, in one softmax, to a context that all of them see and to the
/// sequence's own tokens up to themselves.
///
/// - Parameters:
///   - queries: `rows` rows of query heads, `queryStride` apart.
///   - contextKeys, contextValues: `[context tokens × keyWidth]`; may be empty.
///   - ownKeys, ownValues: `[own tokens × keyWidth]`, those of the rows last.
///   - out: `[rows × queryWidth]`, overwritten.
///   - mass: empty, or `[query heads × context tokens]`: overwritten by the last row's softmax weights on the context.
public func attend(
    _ shape: AttentionShape, queries: [Float], queryStride: Int, rows: Int, contextKeys: [Float],
    contextValues: [Float], ownKeys: [Float], ownValues: [Float], into out: inout [Float],
    mass: inout [Float], pool: WorkerPool
) {
    let width = shape.keyWidth
    let (contextCount, ownCount) = (contextKeys.count / width, ownKeys.count / width)
    precondition(
        rows > 0 && ownCount >= rows && ownKeys.count == ownCount * width && ownValues.count == ownKeys.count
            && contextKeys.count == contextCount * width && contextValues.count == contextKeys.count
            && queries.count >= (rows - 1) * queryStride + shape.queryWidth && out.count >= rows * shape.queryWidth
            && (mass.isEmpty || mass.count == shape.keyHeadCount * shape.groupSize * contextCount),
        "attention of \(rows) rows to \(contextCount) + \(ownCount) tokens does not fit its arguments")
    unsafe queries.withUnsafeBufferPointer { queries in
        unsafe contextKeys.withUnsafeBufferPointer { contextKeys in
            unsafe contextValues.withUnsafeBufferPointer { contextValues in
                unsafe ownKeys.withUnsafeBufferPointer { ownKeys in
                    unsafe ownValues.withUnsafeBufferPointer { ownValues in
                        unsafe out.withUnsafeMutableBufferPointer { out in
                            unsafe mass.withUnsafeMutableBufferPointer { mass in
                                let job = unsafe imprag_attention(
                                    queries: queries.baseAddress, query_stride: queryStride, rows: rows,
                                    context_keys: contextKeys.baseAddress, context_values: contextValues.baseAddress,
                                    context_count: contextCount, own_keys: ownKeys.baseAddress,
                                    own_values: ownValues.baseAddress, first: ownCount - rows, width: width,
                                    depth: shape.headSize, group: shape.groupSize,
                                    scale: 1 / Float(shape.headSize).squareRoot(), out: out.baseAddress,
                                    out_stride: shape.queryWidth, mass: mass.isEmpty ? nil : mass.baseAddress)
                                unsafe run(job, keyHeads: shape.keyHeadCount, pool)
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Key heads write to different columns, so they may run on different threads.
private func run(_ job: imprag_attention, keyHeads: Int, _ pool: WorkerPool) {
    nonisolated(unsafe) let job = unsafe job
    let work: @Sendable (Int) -> Void = { keyHead in
        let status = unsafe withUnsafePointer(to: job) { unsafe imprag_attend($0, keyHead) }
        precondition(status == 0, "no memory for one head's attention")
    }
    let total = unsafe job.context_count + job.first + job.rows
    let multiplications = unsafe job.rows * total * job.width * job.group
    if multiplications < 1 << 17 {
        for keyHead in 0..<keyHeads { work(keyHead) }
    } else {
        pool.run(keyHeads, work)
    }
}
