import CKernels

/// Time and work of all matrix products of this process, summed over its threads; never reset, so take differences.
public struct ProductStatistics: Sendable {
    /// Thread-seconds: two threads busy for one second count two.
    public let seconds: Double
    /// Multiply-adds.
    public let multiplications: UInt64

    public static var current: ProductStatistics {
        var nanoseconds: UInt64 = 0
        var multiplications: UInt64 = 0
        unsafe imprag_product_totals(&nanoseconds, &multiplications)
        return ProductStatistics(seconds: Double(nanoseconds) * 1e-9, multiplications: multiplications)
    }
}
