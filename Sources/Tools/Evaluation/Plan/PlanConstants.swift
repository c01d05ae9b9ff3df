/// A measured figure that plans rest on, with where it was measured.
public struct PlanConstant: Sendable {
    public let name: String
    public let value: Double
    public let unit: String
    /// The committed measurement, or the line of the program that decides it.
    public let source: String

    init(_ name: String, _ value: Double, _ unit: String, _ source: String) {
        self.name = name
        self.value = value
        self.unit = unit
        self.source = source
    }
}

/// All figures that plans rest on. Times are processor time of one core of an AMD EPYC with AVX-512 (bf16, VNNI),
/// measured on two; more cores and more rows than were measured are extrapolated.
public enum PlanConstants {
    private static let index = "Benchmarks/index/results"
    private static let inference = "Benchmarks/inference/results"

    // MARK: The model

    public static let bf16Rate = PlanConstant(
        "bf16_gflops", 198, "GFLOP/s a core", "\(inference)/llama-3.2-1b.json, -3b.json: prefill and embed, bf16")
    public static let int8Rate = PlanConstant(
        "int8_gflops", 365, "GOP/s a core", "\(inference)/llama-3.2-1b-int8.json: prefill and embed, int8")
    public static let f32Rate = PlanConstant(
        "f32_gflops", 62, "GFLOP/s a core", "DESIGN section 5, a thread of a processor with AVX2")
    public static let memoryRate = PlanConstant(
        "memory_gb_per_second", 27, "GB/s a machine, while 8 answers decode", "\(inference)/*.json: decode, batch 8")
    public static let answersTogether = PlanConstant(
        "answers_together", 8, "answers that share a pass", "\(inference)/*.json: decode, batch 8")

    // MARK: The vector index in memory

    public static let tableBytes = PlanConstant(
        "table_bytes", 2, "bytes a passage, RocksDB's tables", "\(index)/keystates.json, growth/*.json")
    public static let tableBytesPerVectorByte = PlanConstant(
        "table_bytes_per_vector_byte", 0.0022, "bytes a byte of vector", "\(index)/keystates.json, growth/*.json")

    // MARK: A search

    public static let listTime = PlanConstant(
        "list_ns", 20, "ns a list, to rank it", "docs/vector-index.md; \(index)/keystates.json, growth/*.json")
    public static let cachedCodeTime = PlanConstant(
        "cached_code_ns", 4.5, "ns a code scanned, codes of a partition in 32 MiB or less",
        "\(index)/attention-200k.json")
    public static let codeTime = PlanConstant(
        "code_ns", 10, "ns a code scanned, codes from main memory", "\(index)/keystates.json, growth/*.json")
    public static let rescoreTime = PlanConstant(
        "rescore_us", 4.5, "us a vector read and scored", "docs/vector-index.md, where the time goes")
    public static let passageTime = PlanConstant(
        "passage_us", 5, "us a passage found in a partition: read, packed, sent",
        "Benchmarks/wikipedia-size: shards beside the index alone, on a busy machine")
    public static let hits = PlanConstant("hits", 10, "passages of a search, from each partition", "recall@10")
    public static let shortCodeTime = PlanConstant(
        "short_code_share", 0.7, "of the time of a code scanned, where codes have 32 bytes",
        "Benchmarks/wikipedia-size: one partition of 125,000")
    public static let shortCodeRescored = PlanConstant(
        "short_code_rescored", 1.3, "times the vectors rescored, where codes have 32 bytes",
        "Benchmarks/wikipedia-size: one partition of 125,000")
    /// Lists nearest to a query are smaller than the average.
    public static let scannedShare = PlanConstant(
        "scanned_of_average_list", 0.9, "of an average list", "\(index)/keystates.json, growth/*.json")
    /// What of one search runs on several threads.
    public static let parallelShare = PlanConstant(
        "parallel_share", 0.45, "of a search that runs alone", "\(index)/growth/*.json: one by one beside batch")
    public static let tail = PlanConstant(
        "p99_over_p50", 1.85, "p99 over p50, one by one", "\(index)/growth/*.json")
    public static let fanOut = PlanConstant(
        "fan_out_us", 150, "us of coordinator and network beside the slowest shard, one machine",
        "the project's target; not measured across machines")

    // MARK: Making the index

    public static let rowTime = PlanConstant(
        "row_us", 3, "us to write a passage, beside its bytes", "\(index)/keystates.json")
    public static let kibibyteTime = PlanConstant(
        "vector_kib_us", 13, "us to write a KiB of vector", "\(index)/growth/*.json")
    public static let wordsTime = PlanConstant(
        "words_us", 41, "us to index a passage's words", "Benchmarks/words: 45 us with, 4 without")
    public static let trainTime = PlanConstant(
        "train_s", 21, "core seconds for a partition of 1 M", "\(index)/keystates.json, growth/*.json")
    public static let trainTimePerKibi = PlanConstant(
        "train_s_per_1024", 8, "the same for 1024 numbers a vector", "\(index)/keystates.json, growth/*.json")
    public static let trainExponent = PlanConstant(
        "train_exponent", 0.6, "power of the passages", "\(index)/growth/*.json")
    public static let codeRate = PlanConstant(
        "coding_gflops", 44, "GFLOP/s a core, vectors into lists", "\(index)/keystates.json, growth/*.json")
    public static let calibrateTime = PlanConstant(
        "calibrate_us", 20, "core us a passage", "\(index)/keystates.json, growth/*.json")
    public static let calibrateTimePerKibi = PlanConstant(
        "calibrate_us_per_1024", 12, "the same for 1024 numbers a vector", "\(index)/keystates.json, growth/*.json")

    // MARK: Disk and store

    public static let tokenBytes = PlanConstant(
        "text_bytes_per_token", 4.5, "bytes of stored text a token",
        "English Wikipedia's articles, wiki-135m's tokenizer")
    public static let recordBytes = PlanConstant(
        "record_bytes", 60, "bytes a passage: keys, id, title, checksums", "Benchmarks/log: 977 MiB a million of 192")
    public static let wordsBytes = PlanConstant(
        "words_bytes_per_token", 1.5, "bytes of lexical index a token",
        "Benchmarks/words: 15 MB for 100,000 of 80 words")
    public static let fetchRate = PlanConstant(
        "replica_mb_per_second", 82, "MB/s, from a store to a replica", "Benchmarks/log, beside two builds")
    public static let readyTime = PlanConstant(
        "ready_us", 0.4, "us a passage, from a replica to ready", "\(index)/growth/attention-5m.json")

    // MARK: Nodes

    public static let program = PlanConstant(
        "program_mib", 64, "MiB of any node", "Cluster/MemoryPlan.base")
    public static let partitionCache = PlanConstant(
        "partition_cache_mib", 32, "MiB a partition, cache of passages", "Shard/ShardNode")
    public static let statesInFlight = PlanConstant(
        "states_in_flight_mib", 640, "MiB of a generator: states to and from shards", "Generator/PassageTier")
    public static let passageMemory = PlanConstant(
        "passage_memory_mib", 256, "MiB of a generator: passages of earlier answers", "docs/cluster.md")
    public static let promptStates = PlanConstant(
        "prompt_states_mib", 512, "MiB of prompt states in flight", "docs/cluster.md: max_state_memory")
    public static let answerMemory = PlanConstant(
        "answer_memory_mib", 2048, "MiB at most: answers in progress", "docs/cluster.md: answer_memory")
    public static let checkpointAfter = PlanConstant(
        "checkpoint_after_mib", 64, "MiB of log a partition", "docs/cluster.md: checkpoint_after")

    // MARK: Choices of a plan

    public static let partitionLimit = PlanConstant(
        "partition_passages", 5_000_000, "passages a partition at most", "a choice: measured up to 1.25 M")
    public static let memoryShare = PlanConstant(
        "memory_share", 0.8, "of a machine's memory; the rest caches files", "a choice")
    public static let processorShare = PlanConstant(
        "processor_share", 0.6, "of a machine's cores at the planned load", "a choice: queues stay short")

    public static let all = [
        bf16Rate, int8Rate, f32Rate, memoryRate, answersTogether, tableBytes, tableBytesPerVectorByte, listTime,
        cachedCodeTime, codeTime, shortCodeTime, rescoreTime, shortCodeRescored, passageTime, hits, scannedShare,
        parallelShare, tail, fanOut, rowTime,
        kibibyteTime,
        wordsTime, trainTime, trainTimePerKibi, trainExponent, codeRate, calibrateTime, calibrateTimePerKibi,
        tokenBytes, recordBytes, wordsBytes, fetchRate, readyTime, program, partitionCache, statesInFlight,
        passageMemory, promptStates, answerMemory, checkpointAfter, partitionLimit, memoryShare,
        processorShare,
    ]

    /// How a calibrated search of a partition looks for a recall: measured at 50,000 to 1.25 M rows a partition.
    struct Effort {
        let recall: Double
        /// Lists probed in a partition of 250,000 rows, and the power of the rows by which they grow.
        let probes: Double
        let exponent: Double
        /// Vectors rescored, whatever the rows.
        let rescored: Double
    }

    /// Source: the calibrated points of Benchmarks/index/results (attention-200k, keystates, growth).
    static let efforts = [
        Effort(recall: 0.5, probes: 4, exponent: 0.07, rescored: 12),
        Effort(recall: 0.8, probes: 12.4, exponent: 0.075, rescored: 14),
        Effort(recall: 0.9, probes: 28, exponent: 0.077, rescored: 16),
        Effort(recall: 0.95, probes: 55, exponent: 0.163, rescored: 17),
        Effort(recall: 0.98, probes: 120, exponent: 0.33, rescored: 21),
        Effort(recall: 0.99, probes: 350, exponent: 0.66, rescored: 22),
        Effort(recall: 0.999, probes: 600, exponent: 0.66, rescored: 23),
    ]
}
