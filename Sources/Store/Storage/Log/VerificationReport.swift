internal import Core

/// What a collection's objects are like.
public struct VerificationReport: Sendable, Equatable {
    /// Something that is not as it was written.
    public struct Problem: Sendable, Equatable {
        /// The object's key, or the name of a replica's directory.
        public let object: String
        /// What is wrong, as a whole sentence that names it.
        public let what: String
    }

    /// Nil where the manifest cannot be read.
    public var manifest: IndexManifest?
    /// The newest epoch of the log; nil where the manifest cannot be read.
    public var epoch: Int?
    /// That count, or that a snapshot names.
    public var checkpoints = 0
    public var segments = 0
    /// That were read.
    public var bytes = 0
    /// Replicas that were read, of an index directory.
    public var replicas = 0
    /// Replicas that a node has open, and that were not read therefore.
    public var replicasInUse: [String] = []
    public var problems: [Problem] = []
    /// Objects of the collection that nothing names: what was replaced and not deleted yet, what is being written, or
    /// what a run left that was stopped. They take room, and nothing else.
    public var orphans = DeletedObjects()
    /// The first of them.
    public var orphanKeys: [String] = []

    static let orphanKeyLimit = 100

    mutating func add(_ object: String, _ error: ImpRAGError) {
        let cause = error.cause.map { " (\($0))" } ?? ""
        problems.append(Problem(object: object, what: error.message + cause))
    }
}
