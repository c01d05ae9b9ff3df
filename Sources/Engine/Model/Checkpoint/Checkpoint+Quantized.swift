import Core
import Kernels
import Platform

/// How a matrix of a quantized model is stored.
enum QuantizedForm: Equatable {
    /// I8, with one scale for each row.
    case rows
    /// `Architecture+Grouped.swift`.
    case grouped(WeightGrouping)
}

extension Checkpoint {
    /// Which form a matrix has, by dtype and the shape of its scales alone.
    ///
    /// - Throws: `invalidArgument` for another dtype, and for scales that fit no form.
    func form(_ wanted: Architecture.Tensor) throws(ImpRAGError) -> QuantizedForm {
        let isPacked = stored(wanted.name)?.dtype == ElementType.uint8.rawValue
        let (matrix, element) = try tensor(isPacked ? wanted.packed : wanted)
        guard element == .int8 || element == .uint8 else {
            throw ImpRAGError(
                .invalidArgument,
                "\(matrix.file.name): tensor \(matrix.name) has dtype \(matrix.dtype), but the others make this a model in int8"
            )
        }
        let ofBlock = WeightGrouping(bits: isPacked ? .four : .eight, scalesEveryGroup: false)
        let ofGroup = WeightGrouping(bits: ofBlock.bits, scalesEveryGroup: true)
        let found = stored(wanted.scales.name)?.shape
        if !isPacked, found == nil || found?.count == 1 {
            try checkNumbers(wanted.scales)
            return .rows
        }
        if isPacked, found == wanted.scales(ofBlock).shape { return .grouped(ofBlock) }
        guard found == wanted.scales(ofGroup).shape else {
            let expected = isPacked ? wanted.scales(ofBlock).shape : wanted.scales.shape
            throw ImpRAGError(
                .invalidArgument,
                "\(matrix.file.name): tensor \(wanted.scales.name) \(found.map { "has shape \($0)" } ?? "is missing"); \(expected) or \(wanted.scales(ofGroup).shape) is expected"
            )
        }
        return .grouped(ofGroup)
    }

    /// Checks all tensors of a matrix without touching their bytes.
    func checkQuantized(_ wanted: Architecture.Tensor) throws(ImpRAGError) {
        guard case .grouped(let grouping) = try form(wanted) else { return }
        try checkNumbers(wanted.scales(grouping))
        guard grouping.bits == .four else { return }
        try checkNumbers(wanted.minimums(grouping))
        let (groups, element) = try tensor(wanted.groups)
        guard element == .uint8 else {
            throw ImpRAGError(
                .invalidArgument,
                "\(groups.file.name): tensor \(groups.name) has dtype \(groups.dtype); multipliers and offsets are U8")
        }
    }

    private func checkNumbers(_ wanted: Architecture.Tensor) throws(ImpRAGError) {
        let (tensor, element) = try tensor(wanted)
        guard element == .f32 else {
            throw ImpRAGError(
                .invalidArgument,
                "\(tensor.file.name): tensor \(tensor.name) has dtype \(tensor.dtype); scales are F32")
        }
    }

    /// What matrices that read the same input multiply: int8 where all are so, row by row.
    ///
    /// Of layer b, queries and keys are loaded without values by some roles: all must ask about the three together, to
    /// arrive at the same bits.
    func products(_ matrices: [Architecture.Tensor], _ compute: Compute) throws(ImpRAGError) -> ProductNumber {
        guard compute == .int8 else { return compute.products }
        for matrix in matrices where try form(matrix) != .rows { return .grouped }
        return .int8
    }
}
