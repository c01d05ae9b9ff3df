public import Core
public import VectorIndex

/// What a plan is asked for.
public struct PlanRequest: Sendable {
    public var passages: Int
    /// recall@10 that searches aim at.
    public var recall: Double
    public var searchesPerSecond: Double
    /// Nil: as many generators as there are replicas, whatever they manage.
    public var answersPerSecond: Double?
    /// Partitions of the collection; nil: as few as their size and the shards' number allow.
    public var partitions: Int?
    /// Copies of each partition.
    public var replicas = 2
    /// Tokens of an average passage, and of what is asked and answered.
    public var passageTokens = 100
    public var promptTokens = 40
    public var answerTokens = 64
    /// Whether the collection has a lexical index.
    public var hasWords = true
    /// Of the vector index; nil for the usual size.
    public var codeSize: CodeSize?
    public var machineMemory = ByteCount(16 << 30)
    public var machineCores = 8
    /// Machines that share the embedding, `imprag index --part I/N`.
    public var parts = 1

    public init(passages: Int, recall: Double, searchesPerSecond: Double) {
        self.passages = passages
        self.recall = recall
        self.searchesPerSecond = searchesPerSecond
    }

    public static let passageRange = 1...100_000_000_000
    public static let rateRange = 0.001...1_000_000.0
}
