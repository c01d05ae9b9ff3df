internal import Core

/// Which parts to make an index of, where to, and how its vector indexes are made.
public struct MergeOptions: Sendable {
    /// Directories that are parts, or hold parts; none means those in `directory`.
    public var parts: [String]
    /// The directory of the index: new, empty, with parts, or of the same index when merging was interrupted.
    public var directory: String
    /// What the model is called, for people.
    public var modelName: String
    /// Remove another index that is in `directory` first; no part is removed.
    public var replacesExisting: Bool
    /// Remove it also when it has taken updates, which are lost then.
    public var discardsUpdates = false
    public var vectorIndex: VectorIndexOptions
    /// Passage states to store beside the index, computed where no part has them; nil takes over those of the parts.
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
