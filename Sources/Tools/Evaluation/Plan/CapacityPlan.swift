public import Core

/// What a cluster for a collection needs, computed from `PlanConstants`. Pure: the same request gives the same plan.
public struct CapacityPlan: Sendable {
    public let request: PlanRequest
    public let model: PlanModel
    public let partitions: Int
    /// Passages of the largest partition.
    public let partitionRows: Int
    /// Shards that together hold each partition once.
    public let shardsPerReplica: Int
    public let shard: PlannedNode
    public let coordinator: PlannedNode
    public let generator: PlannedNode
    /// Answers a second of all generators, with passages that are stored and with passages that are read.
    public let answersPerSecond: (stored: Double, read: Double)
    public let build: BuildEstimate
    /// Of one partition.
    public let search: SearchEstimate

    /// - Throws: `invalidArgument` for what no number of machines can serve.
    public init(_ request: PlanRequest, _ model: PlanModel) throws(ImpRAGError) {
        self.request = request
        self.model = model
        let search: (Int) -> SearchEstimate = { rows in
            SearchEstimate(
                rows: rows, dimension: model.dimension, recall: request.recall, codeSize: request.codeSize)
        }
        let layout = try Self.layout(request, model, search)
        (partitions, partitionRows, shardsPerReplica) = (layout.partitions, layout.rows, layout.shards)
        self.search = search(layout.rows)
        shard = layout.shard
        let promptSeconds = Self.promptSeconds(request, model)
        let (coordinators, coordinatorCores) = Self.nodes(
            load: request.searchesPerSecond * promptSeconds, request)
        let reading = Self.generatorSeconds(request, model)
        let wanted = (request.answersPerSecond ?? 0) * reading.read
        let (generators, generatorCores) = Self.nodes(
            load: wanted * Double(request.machineCores) * PlanConstants.processorShare.value, request)
        coordinator = .coordinator(model, count: coordinators, cores: coordinatorCores)
        generator = .generator(
            model, count: generators, coordinators: coordinators,
            cores: request.answersPerSecond == nil ? Double(request.machineCores) : generatorCores)
        answersPerSecond = (Double(generators) / reading.stored, Double(generators) / reading.read)
        build = BuildEstimate(request, model, partitions: layout.partitions)
        for node in [shard, coordinator, generator] where node.memoryTotal > request.machineMemory {
            throw ImpRAGError(
                .invalidArgument,
                "a \(node.role) needs \(node.memoryTotal), and a machine has \(request.machineMemory); machines with more "
                    + "memory are right")
        }
    }

    // MARK: Shards

    private struct Layout {
        let partitions: Int
        let rows: Int
        let shards: Int
        let shard: PlannedNode
    }

    /// The fewest shards that hold and search everything; each partition is of a size that was thought through.
    private static func layout(
        _ request: PlanRequest, _ model: PlanModel, _ search: (Int) -> SearchEstimate
    ) throws(ImpRAGError) -> Layout {
        var partitions = request.partitions ?? fewestPartitions(request.passages)
        // More shards than partitions would have nothing to hold.
        while true {
            let rows = (request.passages + partitions - 1) / partitions
            let load = request.searchesPerSecond * Double(partitions) * search(rows).servedSeconds
            for shards in 1...partitions {
                let held = (partitions + shards - 1) / shards
                let cores = Self.cores(load: load * Double(held) / Double(partitions), request)
                let shard = PlannedNode.shard(
                    request, model, partitions: held, rows: rows, count: shards * request.replicas, cores: cores)
                let memory = Double(request.machineMemory.bytes) * PlanConstants.memoryShare.value
                guard Double(shard.memoryTotal.bytes) <= memory, cores <= Double(request.machineCores) else { continue }
                return Layout(partitions: partitions, rows: rows, shards: shards, shard: shard)
            }
            guard request.partitions == nil, partitions < partitionCountLimit else { break }
            partitions *= 2
        }
        throw ImpRAGError(
            .invalidArgument,
            "no number of machines of \(request.machineMemory) and \(request.machineCores) cores serves "
                + "\(request.searchesPerSecond) searches a second over \(request.passages) passages in "
                + "\(partitions) partitions; larger machines, more replicas or fewer searches are right")
    }

    private static func fewestPartitions(_ passages: Int) -> Int {
        var partitions = 1
        let limit = Int(PlanConstants.partitionLimit.value)
        while passages > partitions * limit, partitions < partitionCountLimit { partitions *= 2 }
        return partitions
    }

    /// Of a cluster file.
    private static let partitionCountLimit = 1024

    /// Cores of one of several replicas that share `load` core seconds a second, also while one of them is away.
    private static func cores(load: Double, _ request: PlanRequest) -> Double {
        load / Double(max(1, request.replicas - 1)) / PlanConstants.processorShare.value
    }

    /// How many nodes that can replace each other share `load` core seconds a second, and the cores of each.
    private static func nodes(load: Double, _ request: PlanRequest) -> (count: Int, cores: Double) {
        let cores = load / PlanConstants.processorShare.value
        let count = max(1, Int((cores / Double(request.machineCores)).rounded(.up)))
        // One more, so that any one may go; none more where nothing is to be replaced.
        let spare = request.replicas > 1 ? 1 : 0
        return (count + spare, cores / Double(count))
    }

    // MARK: Time of a request

    /// Core seconds of a prompt in the bottom layers.
    private static func promptSeconds(_ request: PlanRequest, _ model: PlanModel) -> Double {
        2 * model.bottomProducts * Double(request.promptTokens) / model.operationsPerSecond
    }

    /// Seconds of a whole machine for one answer among several.
    private static func generatorSeconds(
        _ request: PlanRequest, _ model: PlanModel
    ) -> (stored: Double, read: Double) {
        let machine = model.operationsPerSecond * Double(request.machineCores)
        let tokens = Double(model.topK * min(request.passageTokens, model.maxPassageTokens))
        let prompt = 2 * (model.products - model.bottomProducts) * Double(request.promptTokens) / machine
        let reading = 2 * model.readingProducts * tokens / machine
        // Every pass reads all weights, for the answers that share it.
        let pass = Double(model.weights.bytes) / (PlanConstants.memoryRate.value * 1e9)
        let computing = 2 * model.products / machine
        let decoding = Double(request.answerTokens) * max(pass / PlanConstants.answersTogether.value, computing)
        return (prompt + decoding, prompt + decoding + reading)
    }

    /// Core seconds of one search over all partitions.
    public var searchSeconds: Double { Double(partitions) * search.servedSeconds }

    /// Of a search alone on warm caches, without the prompt's layers: the slowest shard and the fan-out.
    public var searchLatency: (p50: Double, p99: Double) {
        let held = (partitions + shardsPerReplica - 1) / shardsPerReplica
        let threads = Double(request.machineCores)
        let parallel = held > 1 ? min(threads, Double(held)) : 1
        let alone = search.servedSeconds * (1 - PlanConstants.parallelShare.value * (1 - 1 / threads))
        // Partitions run side by side; what one search alone gains by more threads, it gains only where threads are
        // left.
        let shard = held > 1 ? max(search.servedSeconds, Double(held) * search.servedSeconds / parallel) : alone
        let added = PlanConstants.fanOut.value * 1e-6
        return (shard + added, shard * PlanConstants.tail.value + added)
    }

    /// Milliseconds in the bottom layers come before a search.
    public var promptSeconds: Double {
        Self.promptSeconds(request, model) / Double(request.machineCores)
    }

    // MARK: Store and machines

    /// Of all partitions, by what they are.
    public var stored: [(what: String, bytes: ByteCount)] {
        PlannedNode.storedBytes(request, model, rows: partitionRows).map {
            ($0.what, ByteCount.product(partitions, $0.bytes))
        }
    }

    /// Checkpoints of all partitions, the next one of each before the last is gone, and the log behind them.
    public var storeBytes: (checkpoints: ByteCount, most: ByteCount) {
        let checkpoints = stored.reduce(0) { $0 + $1.bytes.bytes }
        let log = PlannedNode.mebibytes(PlanConstants.checkpointAfter).bytes * partitions
        return (ByteCount(checkpoints), ByteCount(2 * checkpoints + log))
    }

    /// Seconds until a shard serves: from its own disk, and when that is empty.
    public var readySeconds: (warm: Double, empty: Double) {
        let held = (partitions + shardsPerReplica - 1) / shardsPerReplica
        let warm = Double(held * partitionRows) * PlanConstants.readyTime.value * 1e-6
        let bytes = Double(storeBytes.checkpoints.bytes) * Double(held) / Double(partitions)
        return (warm, warm + bytes / (PlanConstants.fetchRate.value * 1e6))
    }

    public var nodes: [PlannedNode] { [shard, coordinator, generator] }

    /// One machine a node; and the least that memory and cores of all nodes allow.
    public var machines: (one: Int, least: Int) {
        let one = nodes.reduce(0) { $0 + $1.count }
        let memory = nodes.reduce(0.0) { $0 + Double($1.count) * Double($1.memoryTotal.bytes) }
        let cores = nodes.reduce(0.0) { $0 + Double($1.count) * $1.cores }
        let usable = Double(request.machineMemory.bytes) * PlanConstants.memoryShare.value
        let least = max((memory / usable).rounded(.up), (cores / Double(request.machineCores)).rounded(.up))
        return (one, min(one, max(request.replicas, Int(least))))
    }
}
