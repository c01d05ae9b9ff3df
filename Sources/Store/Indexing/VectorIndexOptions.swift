public import Core

/// How the vector indexes of partitions are made.
public struct VectorIndexOptions: Sendable {
    /// The recall@10 that searches aim at by default.
    public var recall: Double
    /// Sample questions to calibrate with; nil generates some from passages.
    public var questions: [SampleQuestion]?
    /// Nil is one per core.
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
