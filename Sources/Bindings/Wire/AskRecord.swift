import CWire
public import Core

/// What an answer was made with, beyond what its client knows.
public struct AskRecord: Hashable, Sendable {
    public var fingerprint: Fingerprint
    public var coordinator: Arithmetic
    /// 32 hexadecimal digits; empty where it is not known.
    public var collectionID: String
    /// Empty where it is not known.
    public var collectionName: String
    public var k: Int
    public var encoding: PassageEncoding
    /// Of words that are fused.
    public var wordsWeight: Double?
    /// With nothing left open.
    public var sampling: SamplingOptions
    /// Those that were searched, with the epoch that each had applied.
    public var partitions: [PartitionFigures]
    /// Whether the answer would have been refused for a reason.
    public var abstains: Bool
    /// The generator's that ended the answer; nil when none was asked, or it does not say.
    public var generator: Arithmetic?

    public init(
        fingerprint: Fingerprint, coordinator: Arithmetic, collectionID: String = "", collectionName: String = "",
        k: Int, encoding: PassageEncoding, wordsWeight: Double? = nil, sampling: SamplingOptions,
        partitions: [PartitionFigures] = [], abstains: Bool = false, generator: Arithmetic? = nil
    ) {
        self.fingerprint = fingerprint
        self.coordinator = coordinator
        self.collectionID = collectionID
        self.collectionName = collectionName
        self.k = k
        self.encoding = encoding
        self.wordsWeight = wordsWeight
        self.sampling = sampling
        self.partitions = partitions
        self.abstains = abstains
        self.generator = generator
    }
}

extension AskRecord: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__AskRecord>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        guard let fingerprint = try unsafe checkedFingerprint(stored.fingerprint, "ask_record.fingerprint") else {
            throw MalformedField("ask_record.fingerprint is missing")
        }
        let hasWeight =
            unsafe stored.words_weight_presence_case == IMPRAG__ASK_RECORD__WORDS_WEIGHT_PRESENCE_WORDS_WEIGHT
        self.init(
            fingerprint: fingerprint,
            coordinator: Arithmetic(
                build: try unsafe checkedText(stored.build, "ask_record.build"),
                compute: try unsafe checkedText(stored.compute, "ask_record.compute"),
                kernels: try unsafe checkedText(stored.kernels, "ask_record.kernels")),
            collectionID: try unsafe checkedText(stored.collection_id, "ask_record.collection_id"),
            collectionName: try unsafe checkedText(stored.collection_name, "ask_record.collection_name"),
            k: Int(unsafe stored.k),
            encoding: try unsafe PassageEncoding(stored: stored.encoding, "ask_record.encoding"),
            wordsWeight: hasWeight ? unsafe stored.words_weight : nil,
            sampling: try unsafe submessage(stored.sampling, orDefault: SamplingOptions()),
            partitions: try unsafe messages(
                stored.partitions, stored.n_partitions, limit: WireLimit.partitions, "ask_record.partitions"),
            abstains: unsafe stored.abstains != 0, generator: try unsafe optionalSubmessage(stored.generator))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__AskRecord> {
        let stored = unsafe arena.make(imprag__ask_record__init)
        unsafe stored.pointee.fingerprint = arena.bytes(of: fingerprint.bytes)
        unsafe stored.pointee.build = arena.bytes(of: coordinator.build)
        unsafe stored.pointee.compute = arena.bytes(of: coordinator.compute)
        unsafe stored.pointee.kernels = arena.bytes(of: coordinator.kernels)
        unsafe stored.pointee.collection_id = arena.bytes(of: collectionID)
        unsafe stored.pointee.collection_name = arena.bytes(of: collectionName)
        unsafe stored.pointee.k = UInt32(clamping: k)
        unsafe stored.pointee.encoding = encoding.stored
        if let wordsWeight {
            unsafe stored.pointee.words_weight_presence_case = IMPRAG__ASK_RECORD__WORDS_WEIGHT_PRESENCE_WORDS_WEIGHT
            unsafe stored.pointee.words_weight = wordsWeight
        }
        unsafe stored.pointee.sampling = sampling.store(in: arena)
        unsafe stored.pointee.n_partitions = partitions.count
        unsafe stored.pointee.partitions = arena.array(partitions)
        unsafe stored.pointee.abstains = abstains ? 1 : 0
        unsafe stored.pointee.generator = generator?.store(in: arena)
        return unsafe stored
    }
}
