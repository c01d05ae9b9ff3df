import CKernels

/// The C loops of one instruction level: this processor's, or another to compare with.
@safe package struct Loops: Sendable {
    // Sendable because the tables are constants of the C target.
    private nonisolated(unsafe) let table: UnsafePointer<imprag_kernels>

    /// The loops in use on this processor.
    package static let chosen = unsafe Loops(imprag_kernels())

    private init(_ table: UnsafePointer<imprag_kernels>) { unsafe self.table = table }

    /// Nil when there is no such level or this processor cannot run it.
    package init?(_ name: String) {
        guard let table = unsafe imprag_kernels_named(name) else { return nil }
        unsafe self.table = table
    }

    package func dot(_ a: [Float], _ b: [Float]) -> Float {
        precondition(a.count == b.count)
        return unsafe table.pointee.dot(a, b, a.count)
    }

    package func multiply(_ a: [Float], _ b: [UInt16], m: Int, n: Int, depth: Int) -> [Float] {
        precondition(a.count == m * depth && b.count == n * depth)
        return unsafe made(m * n) { unsafe table.pointee.multiply_bf16(a, m, b, n, depth, $0, n) }
    }

    /// Products with the rows of `b` at `places`, gathered.
    package func score(_ a: [Float], _ b: [UInt16], places: [Int]) -> [Float] {
        precondition(places.allSatisfy { $0 >= 0 && ($0 + 1) * a.count <= b.count })
        return unsafe b.withUnsafeBufferPointer { rows in
            unsafe made(places.count) { out in
                let pointers = unsafe places.map { place in
                    unsafe rows.baseAddress.map { unsafe $0 + place * a.count }
                }
                unsafe table.pointee.score_rows(a, pointers, places.count, a.count, out)
            }
        }
    }

    /// The last steps of decoding stored states: of numbers, of keys and of values.
    package func decode(
        _ numbers: [Int8], _ sums: [Int32], _ offsets: [Int32], scales: [Float], means: [Float]
    ) -> [[Float]] {
        let count = numbers.count
        precondition([sums.count, offsets.count, scales.count, means.count].allSatisfy { $0 == count && count > 0 })
        return [
            unsafe made(count) { unsafe table.pointee.scale_bytes(numbers, scales[0], $0, count) },
            unsafe made(count) { unsafe table.pointee.scale_keys(sums, offsets, scales[0], means[0], $0, count) },
            unsafe made(count) { unsafe table.pointee.scale_values(sums, offsets, scales, means, $0, count) },
        ]
    }

    package func narrow(_ x: [Float]) -> [UInt16] {
        var out = [UInt16](repeating: 0xFFFF, count: x.count)
        unsafe table.pointee.narrow(x, &out, x.count)
        return out
    }

    package func widen(_ x: [UInt16]) -> [Float] { unsafe made(x.count) { unsafe table.pointee.widen(x, $0, x.count) } }

    package func normalize(_ x: [Float], weight: [Float], epsilon: Float) -> [Float] {
        precondition(x.count == weight.count)
        return unsafe made(x.count) { unsafe table.pointee.rms_norm(x, weight, epsilon, $0, x.count) }
    }

    package func swiglu(_ gate: [Float], _ up: [Float]) -> [Float] {
        precondition(gate.count == up.count)
        var out = gate
        unsafe table.pointee.swiglu(&out, up, up.count)
        return out
    }

    /// The exponentials, then their sum.
    package func exponentiate(_ x: [Float], highest: Float) -> [Float] {
        var out = x
        let sum = unsafe table.pointee.exponentiate(&out, highest, x.count)
        return out + [sum]
    }

    package func highest(_ x: [Float]) -> Float { unsafe table.pointee.highest(x, x.count) }

    /// The bytes and their scale.
    package func quantize(_ x: [Float]) -> (bytes: [UInt8], scale: Float) {
        var out = [UInt8](repeating: 0, count: x.count)
        let scale = unsafe table.pointee.quantize(x, &out, x.count)
        return (out, scale)
    }

    /// Dequantizes sums of products of bytes around 128, rows of 64, added to `out` if there is any.
    package func scaleProducts(
        _ sums: [Int32], scales: [Float], columnScales: [Float], weightSums: [Int16], addingTo out: [Float] = []
    ) -> [Float] {
        precondition(columnScales.count == Int(imprag_bytes_width) && weightSums.count == columnScales.count)
        precondition(sums.count == scales.count * columnScales.count && (out.isEmpty || out.count == sums.count))
        var sum = out.isEmpty ? [Float](repeating: .nan, count: sums.count) : out
        unsafe table.pointee.scale_products(
            sums, scales.count, scales, 1, columnScales, weightSums, &sum, columnScales.count, !out.isEmpty)
        return sum
    }

    package func nearest(
        _ rows: [Float], from first: Int, stride: Int, count: Int, centroids: [Float], halves: [Float]
    ) -> [UInt8] {
        precondition(centroids.count == 4 * halves.count && halves.count == Int(imprag_centroids))
        precondition(first >= 0 && stride >= 0 && (count == 0 || first + (count - 1) * stride + 4 <= rows.count))
        var codes = [UInt8](repeating: 0xFF, count: count)
        unsafe rows.withUnsafeBufferPointer {
            guard let base = $0.baseAddress else { return }
            unsafe table.pointee.nearest(base + first, count, stride, centroids, halves, &codes)
        }
        return codes
    }

    private func made(_ count: Int, _ fill: (UnsafeMutablePointer<Float>?) -> Void) -> [Float] {
        var out = [Float](repeating: .nan, count: count)
        unsafe out.withUnsafeMutableBufferPointer { unsafe fill($0.baseAddress) }
        return out
    }
}
