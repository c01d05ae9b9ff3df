internal import Core
public import Words

/// What to index, where, and how. The first group of options determines the contents of the index, the second does not.
public struct IndexOptions: Sendable {
    /// More partitions would exhaust a process's open files.
    public static let partitionLimit = 1024
    /// Passages per batch: one call of the model and one write to one partition.
    public static let batchRows = 512

    /// Corpus files and directories of texts, in order; of documents with the same id the last one wins.
    public var corpus: [String]
    /// Nil detects each file's format; required for directories.
    public var format: CorpusFormat?
    /// Longer documents are split into passages of this many words; 0 splits nothing.
    public var wordsPerPassage: Int
    /// Skip bad lines and count them, instead of stopping at the first.
    public var skipsBadLines: Bool
    /// The analyzer of the lexical index over titles and texts; nil makes none.
    public var lexical: WordAnalysis?
    public var partitionCount: Int

    /// The directory of the index: new, empty, or of an interrupted run for the same index.
    public var directory: String
    /// The model's name, for people.
    public var modelName: String
    /// First remove another index that is in `directory`.
    public var replacesExisting: Bool
    /// Remove it even if it has taken updates, which are then lost.
    public var discardsUpdates = false
    /// Unused for a part: vector indexes are made when parts are merged.
    public var vectorIndex: VectorIndexOptions
    /// Make only this part, in a directory of its own below `directory`; nil makes the whole index.
    public var part: IndexPart?
    /// Passage states to store beside the partitions; nil stores none.
    public var states: StateOptions?

    public init(
        corpus: [String], directory: String, partitionCount: Int, format: CorpusFormat? = nil,
        wordsPerPassage: Int = 100,
        skipsBadLines: Bool = false, lexical: WordAnalysis? = .english, modelName: String = "",
        replacesExisting: Bool = false, vectorIndex: VectorIndexOptions = VectorIndexOptions(), part: IndexPart? = nil,
        states: StateOptions? = nil
    ) {
        self.corpus = corpus
        self.directory = directory
        self.partitionCount = partitionCount
        self.format = format
        self.wordsPerPassage = wordsPerPassage
        self.skipsBadLines = skipsBadLines
        self.lexical = lexical
        self.modelName = modelName
        self.replacesExisting = replacesExisting
        self.vectorIndex = vectorIndex
        self.part = part
        self.states = states
    }

    /// Throws `invalidArgument` with everything that is out of range.
    func validate() throws(ImpRAGError) {
        var problems: [String] = []
        if corpus.isEmpty { problems.append("no corpus file is named") }
        if directory.isEmpty { problems.append("no directory is named for the index") }
        if !(1...Self.partitionLimit).contains(partitionCount) {
            problems.append("the number of partitions is \(partitionCount); it must be 1 to \(Self.partitionLimit)")
        }
        if wordsPerPassage < 0 {
            problems.append("the words per passage are \(wordsPerPassage); they must be 0 or more")
        }
        problems += vectorIndex.problems + (states?.problems ?? [])
        guard problems.isEmpty else {
            throw ImpRAGError(.invalidArgument, problems.joined(separator: "; "))
        }
    }
}
