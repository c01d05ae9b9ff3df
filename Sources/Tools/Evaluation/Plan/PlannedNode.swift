public import Core
internal import Storage
internal import VectorIndex

/// The nodes of one role in a plan, which are alike.
public struct PlannedNode: Sendable {
    public let role: String
    public let count: Int
    /// Item by item, as the node itself prints before it loads.
    public let memory: [(what: String, size: ByteCount)]
    /// Cores that it uses at the planned load.
    public let cores: Double
    /// On its own disk.
    public let disk: ByteCount

    public var memoryTotal: ByteCount { ByteCount(memory.reduce(0) { $0 + $1.size.bytes }) }

    static func mebibytes(_ constant: PlanConstant) -> ByteCount { ByteCount(Int(constant.value) << 20) }

    // MARK: Shards

    /// One of `count` shards, the fullest, which serves `partitions` partitions of `rows` passages.
    static func shard(
        _ request: PlanRequest, _ model: PlanModel, partitions: Int, rows: Int, count: Int, cores: Double
    ) -> PlannedNode {
        PlannedNode(
            role: "shard", count: count,
            memory: shardMemory(
                rows: rows, dimension: model.dimension, partitions: partitions, hasWords: request.hasWords,
                codeSize: request.codeSize),
            cores: cores, disk: shardDisk(request, model, partitions: partitions, rows: rows))
    }

    /// What `imprag shard` plans for partitions fresh from indexing, with default settings.
    static func shardMemory(
        rows: Int, dimension: Int, partitions: Int, hasWords: Bool, codeSize: CodeSize? = nil
    ) -> [(what: String, size: ByteCount)] {
        func each(_ size: ByteCount) -> ByteCount { ByteCount.product(partitions, size.bytes) }
        let perRow =
            PlanConstants.tableBytes.value + 2 * Double(dimension) * PlanConstants.tableBytesPerVectorByte.value
        return [
            ("the program", mebibytes(PlanConstants.program)),
            ("codes and lists", each(indexBytes(rows: rows, dimension: dimension, codeSize))),
            ("lengths of texts and which rows live", each(ByteCount(rows * (hasWords ? 2 : 0) + rows / 4))),
            ("tables", each(ByteCount(Int(perRow * Double(rows))))),
            ("passage caches", each(mebibytes(PlanConstants.partitionCache))),
            ("recall meters", each(ByteCount.product(SampleQueries.limit, dimension, 4))),
            ("updates and recent writes", each(updateBytes(dimension: dimension))),
            ("queued searches", ByteCount.product(257, 64, dimension, 4)),
            ("a segment of the log", CollectionLog.segmentMemory),
        ]
    }

    /// Codes, lists and model of one partition, or its vectors where it is too small for lists.
    static func indexBytes(rows: Int, dimension: Int, _ codeSize: CodeSize?) -> ByteCount {
        rows <= IndexConstruction.flatLimit(dimension: dimension)
            ? FlatRows.residentBytes(count: rows, dimension: dimension)
            : ListIndex.requiredBytes(count: rows, dimension: dimension, codeSize: codeSize)
    }

    private static func updateBytes(dimension: Int) -> ByteCount {
        ByteCount(LivePartition.updateBytes(dimension: dimension).bytes + Partition.writeBuffers.bytes)
    }

    /// Replicas, and room to bring the largest one back or to compact it.
    private static func shardDisk(
        _ request: PlanRequest, _ model: PlanModel, partitions: Int, rows: Int
    ) -> ByteCount {
        ByteCount.product(partitions + 1, storedBytes(request, model, rows: rows).reduce(0) { $0 + $1.bytes })
    }

    /// Bytes that a partition of `rows` passages takes on a disk, and its checkpoint in the store, by what they are.
    static func storedBytes(_ request: PlanRequest, _ model: PlanModel, rows: Int) -> [(what: String, bytes: Int)] {
        let tokens = Double(rows) * Double(request.passageTokens)
        return [
            ("vectors", rows * 2 * model.dimension),
            ("passages", Int(tokens * PlanConstants.tokenBytes.value) + rows * Int(PlanConstants.recordBytes.value)),
            ("codes and lists", indexBytes(rows: rows, dimension: model.dimension, request.codeSize).bytes),
            ("words", request.hasWords ? Int(tokens * PlanConstants.wordsBytes.value) : 0),
        ]
    }

    // MARK: Coordinators and generators

    static func coordinator(_ model: PlanModel, count: Int, cores: Double) -> PlannedNode {
        PlannedNode(
            role: "coordinator", count: count,
            memory: [
                ("the program", mebibytes(PlanConstants.program)),
                ("weights of the bottom layers", model.bottomWeights),
                ("prompt states in flight", mebibytes(PlanConstants.promptStates)),
                ("activations of prompts and passages", ByteCount(2 * model.bottomActivations.bytes)),
            ],
            cores: cores, disk: ByteCount(0))
    }

    static func generator(_ model: PlanModel, count: Int, coordinators: Int, cores: Double) -> PlannedNode {
        // As a generator decides by itself: the largest requests within the coordinators' limits.
        let tokens = min(model.maxPositions, 100 * model.maxPassageTokens + 4096 + 2048)
        // Keys and values as float32, at most.
        let wide = model.compute == .f32 ? 1 : 2
        let largest = ByteCount.product(PlanModel.activeAnswers, tokens, model.cacheBytesPerToken, wide)
        return PlannedNode(
            role: "generator", count: count,
            memory: [
                ("the program", mebibytes(PlanConstants.program)),
                ("weights", model.weights),
                ("activations of a batch", model.activations),
                (
                    "prompt states that wait",
                    ByteCount.product(coordinators, mebibytes(PlanConstants.promptStates).bytes)
                ),
                ("passages and caches of answers", min(largest, mebibytes(PlanConstants.answerMemory))),
                ("passages of earlier answers", mebibytes(PlanConstants.passageMemory)),
                ("states to and from shards", mebibytes(PlanConstants.statesInFlight)),
            ],
            cores: cores, disk: ByteCount(0))
    }
}
