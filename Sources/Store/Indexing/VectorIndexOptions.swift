public import Core

/// How the vector indexes of an index's partitions are made.
public struct VectorIndexOptions: Sendable {
    /// The recall@10 that searches aim at by default.
    public var recall: Double
    /// Questions like those to come, to calibrate with; nil words some from passages.
    public var questions: [SampleQuestion]?
    /// Threads; nil takes one a core.
    public var threads: Int?

    public init(recall: Double = 0.95, questions: [SampleQuestion]? = nil, threads: Int? = nil) {
        self.recall = recall
        self.questions = questions
        self.threads = threads
    }

    /// What is out of range.
    var problems: [String] {
        SearchOptions.recallRange.contains(recall) ? [] : ["the recall is \(recall); it must be 0.5 to 0.999"]
    }
}
