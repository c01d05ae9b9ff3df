import Kernels

/// The 4-bit matrices of a model, rounded by what its layers read, and what all of its weights are multiplied with
/// before (`ModelQuantizer.rounded`).
public struct RoundedWeights: Sendable {
    /// By name.
    var packed: [String: PackedRows] = [:]
    var scaling = InputScaling()

    /// Nothing known: numbers are rounded to the nearest.
    public init() {}
}
