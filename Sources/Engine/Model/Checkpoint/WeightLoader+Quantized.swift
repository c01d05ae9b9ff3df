import Core
import Kernels
import Platform

extension WeightLoader {
    /// `[rows × columns]` of a quantized model, as a grouped product reads it. Rows of int8 with one scale each have
    /// 8-bit groups that share it.
    func grouped(_ wanted: Architecture.Tensor) throws(ImpRAGError) -> WeightMatrix {
        let form = try checkpoint.form(wanted)
        let grouping =
            if case .grouped(let grouping) = form { grouping } else {
                WeightGrouping(bits: .eight, scalesEveryGroup: false)
            }
        let scales = try finite(form == .rows ? wanted.scales : wanted.scales(grouping))
        guard grouping.bits == .four else {
            let (numbers, _) = try checkpoint.tensor(wanted)
            return numbers.file.withBytes(in: numbers.range) { numbers in
                scales.file.withBytes(in: scales.range) { scales in
                    WeightMatrix(
                        numbers: numbers, scales: scales, grouping, rowCount: wanted.shape[0],
                        columnCount: wanted.shape[1], pool: pool)
                }
            }
        }
        let minimums = try finite(wanted.minimums(grouping))
        let (numbers, _) = try checkpoint.tensor(wanted.packed)
        let (groups, _) = try checkpoint.tensor(wanted.groups)
        return numbers.file.withBytes(in: numbers.range) { numbers in
            groups.file.withBytes(in: groups.range) { groups in
                scales.file.withBytes(in: scales.range) { scales in
                    minimums.file.withBytes(in: minimums.range) { minimums in
                        WeightMatrix(
                            numbers: numbers, groups: groups, scales: scales, minimums: minimums, grouping,
                            rowCount: wanted.shape[0], columnCount: wanted.shape[1], pool: pool)
                    }
                }
            }
        }
    }

    private func finite(_ wanted: Architecture.Tensor) throws(ImpRAGError) -> StoredTensor {
        let (tensor, element) = try checkpoint.tensor(wanted)
        if let place = tensor.file.withBytes(in: tensor.range, { firstNotFinite($0, element) }) {
            throw ImpRAGError(.invalidArgument, tensor.notFinite(at: place))
        }
        return tensor
    }
}
