import Kernels

extension LlamaModel {
    /// Drops proposals whose values, in `space.projected`, are not finite in bf16, and all behind them.
    ///
    /// Rows before a proposal give its value the weight 0, and so do later passes until another token takes its place
    /// in the block; but 0 times infinity is not 0. So the value becomes 0: if the proposal turns out right, it has a
    /// pass of its own, which fails as it would have without.
    func dropOverflows(_ input: LinearLayers, _ batch: inout Batch, in space: inout Workspace) {
        for (index, sequence) in batch.sequences.enumerated() where sequence.keptTokens < sequence.newTokens {
            for place in sequence.keptTokens..<sequence.newTokens {
                let start = (sequence.rows.lowerBound + place) * input.stride + input.columns[2]
                let values = start..<start + configuration.embeddingDimension
                guard !values.allSatisfy({ abs(space.projected[$0]) < Self.valueLimit }) else { continue }
                for number in values { space.projected[number] = 0 }
                batch.drop(from: place, ofSequence: index)
            }
        }
    }

    /// Less than the greatest number of bf16.
    private static let valueLimit: Float = 3e38
}
