internal import Core
public import Words

/// What to index, where to, and how. The first group decides the contents of the index, the second does not.
public struct IndexOptions: Sendable {
    /// More partitions than that would exhaust a process's open files.
    public static let partitionLimit = 1024
    /// Passages that one partition takes in one write, and that the model gets in one call.
    public static let batchRows = 512

    /// Corpus files and directories of texts, in order: of documents with the same id the last one wins.
    public var corpus: [String]
    /// Nil tells each file's format from its content; directories are given without.
    public var format: CorpusFormat?
    /// Longer documents are cut into passages of that many words; 0 cuts nothing.
    public var wordsPerPassage: Int
    /// Pass over bad lines and count them, instead of stopping at the first.
    public var skipsBadLines: Bool
    /// How the words of titles and texts are indexed, for searches by words; nil does not index them.
    public var lexical: WordAnalysis?
    public var partitionCount: Int

    /// The directory of the index: new, empty, or of the same index when it was interrupted.
    public var directory: String
    /// What the model is called, for people.
    public var modelName: String
    /// Remove another index that is in `directory` first.
    public var replacesExisting: Bool
    /// Remove it also when it has taken updates, which are lost then.
    public var discardsUpdates = false
    /// Of a part nothing is used: the merged index has vector indexes.
    public var vectorIndex: VectorIndexOptions
    /// Make only this part of the index, in a directory of its own below `directory`; nil makes the whole.
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
