public import Core
public import VectorIndex

/// What a finished index is: the file that says that its partitions belong together and are complete.
public struct IndexManifest: Sendable, Equatable, Codable {
    /// Version of this file and of the directory's layout. Before 2, passages were spread by the remainder of their
    /// hash; before 3 there was no log; before 4 the corpus's files stood here, and nothing was closed or retained.
    public static let currentFormat = 4
    /// What is read; whoever changes a manifest writes the current format.
    package static let formats = 3...currentFormat

    public var format: Int
    /// Which log belongs to it: `CollectionID`, 32 hexadecimal digits. No two indexes have the same.
    public var collection: String
    /// Segments of the log before this epoch are in all checkpoints, and may be gone.
    public var firstEpoch: Int
    /// The model's fingerprint, 64 hexadecimal digits.
    public var fingerprint: String
    /// The name of the model's directory at indexing time. For people only.
    public var model: String
    /// Numbers of a vector.
    public var dimension: Int
    /// In the order of their numbers.
    public var partitions: [Partition]
    public var corpus: Corpus
    /// How `imprag index --store-kv` stored passage states beside the partitions; nil when it stored none. They are a
    /// cache: any of them may be missing.
    public var states: States?

    /// How much words count beside vectors; nil when nothing was measured.
    public var words: Words?

    /// Bytes of a vector's code, as they were chosen for all partitions; nil for the usual number.
    public var codeBytes: Int?

    /// Below what answers over it are refused, for each kind of request that `imprag eval --calibrate` has measured;
    /// nil for none.
    public var certainty: [CertaintyThresholds]?

    /// Epochs that were given a name, in the order of their names; nil for none.
    public var snapshots: [Snapshot]?

    /// How long, in seconds, what newer checkpoints replace is kept beyond that; nil for not at all.
    public var retention: Int?

    /// Whether nobody may commit; nil for no.
    public var isClosed: Bool?
    /// The `CollectionID` of another collection whose log is copied into this one's: until that ends nobody else
    /// commits.
    public var follows: String?

    public var takesUpdates: Bool { closure == nil }

    /// Why no updates are taken; nil when they are.
    var closure: String? {
        if let follows { return "it follows the collection \(follows.prefix(80))" }
        return isClosed == true ? "it is closed (`imprag collections set --read-only off` opens it)" : nil
    }

    /// An epoch whose contents are kept: these checkpoints, and the log from the oldest of them up to the epoch.
    public struct Snapshot: Sendable, Equatable, Codable {
        public var name: String
        public var epoch: Int
        /// The epochs of the checkpoints that counted when it was made, by partition.
        public var checkpoints: [Int]
        /// Whether the log behind the epoch is kept too, to its end; nil for no.
        public var keepsLog: Bool?

        public init(name: String, epoch: Int, checkpoints: [Int], keepsLog: Bool? = nil) {
            self.name = name
            self.epoch = epoch
            self.checkpoints = checkpoints
            self.keepsLog = keepsLog
        }
    }

    /// How much words add to vectors, measured with questions whose right passages are known.
    public struct Words: Sendable, Equatable, Codable {
        /// The weight of the list by words in a fused list, 0 to 1.
        public var weight: Double
        /// Questions used.
        public var questions: Int
        /// Whether they were given, instead of made from passages.
        public var areGiven: Bool

        public init(weight: Double, questions: Int, areGiven: Bool) {
            self.weight = weight
            self.questions = questions
            self.areGiven = areGiven
        }
    }

    public struct States: Sendable, Equatable, Codable {
        /// As in `int8`.
        public var codec: String
        /// Whether half of each passage's tokens is kept.
        public var keepsHalf: Bool

        public init(codec: String, keepsHalf: Bool) {
            self.codec = codec
            self.keepsHalf = keepsHalf
        }
    }

    public struct Partition: Sendable, Equatable, Codable {
        /// The partition's directory below the index, as in `partition-0000`.
        public var directory: String
        public var passages: Int
        /// `Partition.contentChecksum`, 64 hexadecimal digits.
        public var checksum: String
        /// The epoch of its newest checkpoint.
        public var checkpoint: Int
        /// Which search effort reached which recall when the partition's vector index was built; nil without one.
        public var calibration: [Calibration.Entry]?
        /// Earlier checkpoints that the collection's retention keeps, the oldest first; nil for none.
        public var replaced: [ReplacedCheckpoint]?

        public init(
            directory: String, passages: Int, checksum: String, checkpoint: Int = 0,
            calibration: [Calibration.Entry]? = nil
        ) {
            self.directory = directory
            self.passages = passages
            self.checksum = checksum
            self.checkpoint = checkpoint
            self.calibration = calibration
        }
    }

    /// A checkpoint that a newer one has replaced.
    public struct ReplacedCheckpoint: Sendable, Equatable, Codable {
        public var epoch: Int
        /// When it was replaced, in seconds since 1970.
        public var until: Int

        public init(epoch: Int, until: Int) {
            self.epoch = epoch
            self.until = until
        }
    }

    /// The source of the passages, and everything else that determines the index's contents.
    public struct Corpus: Sendable, Equatable, Codable {
        /// Empty where `filesDigest` says where they are.
        public var files: [File]
        /// The SHA-256 of the object with the files (`CorpusFileList`), 64 hexadecimal digits: each commit reads the
        /// manifest, and there may be many.
        public var filesDigest: String?
        /// Nil when each file's format was told from its content.
        public var formatName: String?
        public var wordsPerPassage: Int
        public var skipsBadLines: Bool
        /// How the words of titles and texts are indexed, as in `english`; nil when they are not.
        public var lexical: String?
        /// The model's arithmetic, as in `bf16`.
        public var arithmetic: String
        /// Rows of an embedding batch; it affects the order of rows in a part, and the bits of vectors.
        public var batchRows: Int
        public var documents: Int
        /// Documents that a later one with the same id replaced.
        public var duplicates: Int
        /// Lines that were skipped.
        public var badLines: Int

        public init(
            files: [File], formatName: String?, wordsPerPassage: Int, skipsBadLines: Bool,
            lexical: String? = nil, arithmetic: String, batchRows: Int,
            documents: Int, duplicates: Int, badLines: Int
        ) {
            self.files = files
            self.formatName = formatName
            self.wordsPerPassage = wordsPerPassage
            self.skipsBadLines = skipsBadLines
            self.lexical = lexical
            self.arithmetic = arithmetic
            self.batchRows = batchRows
            self.documents = documents
            self.duplicates = duplicates
            self.badLines = badLines
        }
    }

    public struct File: Sendable, Equatable, Codable {
        /// As given on the command line. For people only: a corpus may be moved.
        public var path: String
        public var bytes: Int
        /// Of the file as it is stored, 64 hexadecimal digits; empty when it could not be read and was skipped.
        public var sha256: String
        /// Of a text below a corpus directory: its path from there, which names its passages; nil otherwise.
        public var name: String?

        public init(path: String, bytes: Int, sha256: String, name: String? = nil) {
            self.path = path
            self.bytes = bytes
            self.sha256 = sha256
            self.name = name
        }
    }

    public init(
        format: Int = currentFormat, collection: String, firstEpoch: Int = 1, fingerprint: String, model: String,
        dimension: Int, partitions: [Partition],
        corpus: Corpus, states: States? = nil, words: Words? = nil, snapshots: [Snapshot]? = nil
    ) {
        self.format = format
        self.collection = collection
        self.firstEpoch = firstEpoch
        self.fingerprint = fingerprint
        self.model = model
        self.dimension = dimension
        self.partitions = partitions
        self.corpus = corpus
        self.states = states
        self.words = words
        self.snapshots = snapshots
    }

    /// Passages of all partitions.
    public var passages: Int { partitions.reduce(0) { $0 + $1.passages } }
}
