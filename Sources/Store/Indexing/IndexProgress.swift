public import Core
internal import Storage

/// The progress of indexing, reported after every step: several times a second with a small model.
public struct IndexProgress: Sendable, Equatable {
    public enum Phase: String, Sendable {
        /// Reading the corpus files for their checksums, in bytes.
        case checking
        /// Scanning the documents: formats, ids, duplicates; in bytes.
        case scanning
        /// Embedding and writing, in passages.
        case embedding
        /// Copying parts into one index, in passages.
        case merging
        /// Reading the partitions back for their checksums, in partitions.
        case verifying
        /// Training the vector index of one partition, in thousandths.
        case training
        /// Coding the vectors of one partition, in rows.
        case coding
        /// Measuring which search effort reaches which recall, in thousandths.
        case calibrating
        /// Measuring the weight of words, in partitions.
        case words
        /// Copying partitions into the store as checkpoints, in partitions.
        case checkpoints
        /// Training the codebooks of passage states: one step.
        case codebooks
        /// Computing and storing passage states, in passages.
        case states

        init(_ step: IndexConstruction.Step) {
            self =
                switch step {
                case .training: .training
                case .coding: .coding
                case .calibrating: .calibrating
                }
        }
    }

    public let phase: Phase
    public let done: Int
    public let total: Int
    /// In the units of `done`.
    public let pace: Pace
}
