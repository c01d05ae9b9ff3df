internal import Core

/// Which parts to merge, where, and how to make the vector indexes.
public struct MergeOptions: Sendable {
    /// Directories that are parts or hold parts; empty means those in `directory`.
    public var parts: [String]
    /// The directory of the index: new, empty, with parts, or of an interrupted merge of the same index.
    public var directory: String
    /// The model's name, for people.
    public var modelName: String
    /// First remove another index that is in `directory`; parts are kept.
    public var replacesExisting: Bool
    /// Remove it even if it has taken updates, which are then lost.
    public var discardsUpdates = false
    public var vectorIndex: VectorIndexOptions
    /// Passage states to store beside the index, computed where no part has them; nil copies those of the parts.
    public var states: StateOptions?

    public init(
        parts: [String] = [], directory: String, modelName: String = "", replacesExisting: Bool = false,
        vectorIndex: VectorIndexOptions = VectorIndexOptions(), states: StateOptions? = nil
    ) {
        self.parts = parts
        self.directory = directory
        self.modelName = modelName
        self.replacesExisting = replacesExisting
        self.vectorIndex = vectorIndex
        self.states = states
    }

    /// Throws `invalidArgument` with everything that is out of range.
    func validate() throws(ImpRAGError) {
        let problems =
            (directory.isEmpty ? ["no directory is named for the index"] : []) + vectorIndex.problems
            + (states?.problems ?? [])
        guard problems.isEmpty else { throw ImpRAGError(.invalidArgument, problems.joined(separator: "; ")) }
    }
}
