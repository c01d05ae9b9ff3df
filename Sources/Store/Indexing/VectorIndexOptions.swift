public import Core
internal import Storage
public import VectorIndex

/// How the vector indexes of partitions are made.
public struct VectorIndexOptions: Sendable {
    /// The recall@10 that searches aim at by default.
    public var recall: Double
    /// Sample questions to calibrate with; nil generates some from passages.
    public var questions: [SampleQuestion]?
    /// Nil is one per core.
    public var threads: Int?
    /// Bytes of memory that a vector's code takes; nil is the usual number.
    public var codeSize: CodeSize?

    public init(
        recall: Double = 0.95, questions: [SampleQuestion]? = nil, threads: Int? = nil, codeSize: CodeSize? = nil
    ) {
        self.recall = recall
        self.questions = questions
        self.threads = threads
        self.codeSize = codeSize
    }

    /// How a finished index differs from what is asked for, in a phrase; what is not asked for does not count.
    func differences(from manifest: IndexManifest) -> [String] {
        guard let codeSize else { return [] }
        let there = manifest.codeBytes ?? CodeSize.usual(dimension: manifest.dimension).rawValue
        guard there != codeSize.rawValue else { return [] }
        return ["the codes of its vectors take \(there) bytes each, now \(codeSize.rawValue)"]
    }

    /// What is out of range.
    var problems: [String] {
        SearchOptions.recallRange.contains(recall) ? [] : ["the recall is \(recall); it must be 0.5 to 0.999"]
    }
}
