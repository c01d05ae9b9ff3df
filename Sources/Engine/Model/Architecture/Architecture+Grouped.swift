import Kernels

/// How matrices with scales for groups of columns are stored (`WeightGrouping`).
///
///     X.weight           U8 [rows, groups × 16]: 4-bit numbers, the low half of a byte first; or I8 [rows, columns]
///     X.weight_groups    U8 [rows, groups, 2]: multiplier and offset of each group of 4-bit numbers
///     X.weight_scale     F32 [rows, scales]
///     X.weight_minimum   F32 [rows, scales], of 4-bit numbers
///
/// Groups have 32 columns, and there is a scale for each, or for 8 of them (4 bits). An I8 matrix with scales `[rows]`
/// is plain int8.
extension Architecture.Tensor {
    private var groupCount: Int { WeightGrouping.groupCount(columns: shape[1]) }

    /// Of 4-bit numbers.
    var packed: Self { Self(name: name, shape: [shape[0], groupCount * 16]) }
    var groups: Self { Self(name: "\(name)_groups", shape: [shape[0], groupCount, 2]) }

    func scales(_ grouping: WeightGrouping) -> Self {
        Self(name: scales.name, shape: [shape[0], grouping.scaleCount(columns: shape[1])])
    }

    func minimums(_ grouping: WeightGrouping) -> Self {
        Self(name: "\(name)_minimum", shape: scales(grouping).shape)
    }

    /// All tensors of a grouped matrix.
    func parts(_ grouping: WeightGrouping) -> [Self] {
        grouping.bits == .four ? [packed, groups, scales(grouping), minimums(grouping)] : [self, scales(grouping)]
    }
}

extension LinearPart {
    /// Matrices that read the same input, and are multiplied as one.
    static let together: [[LinearPart]] = [[.query, .key, .value], [.output], [.gate, .up], [.down]]
}
