import Cluster
public import Core
import Kernels
import Messaging
import Model
import Platform
import Wire

/// Runs the generator `node` of the cluster file at `configurationPath` until SIGINT or SIGTERM.
///
/// - Throws: `invalidArgument` with every problem in the file, what loading the model throws, and `resourceExhausted`
///   when it needs more than its memory budget.
public func runGenerator(configurationPath: String, node: String) async throws(ImpRAGError) {
    try await NodeProcess.run(configurationPath: configurationPath, node: node, kind: .generator) {
        cluster, server throws(ImpRAGError) in
        try loadGenerator(cluster, server)
    }
}

private func loadGenerator(
    _ cluster: ClusterConfiguration, _ server: NodeServer
) throws(ImpRAGError) -> GeneratorService {
    let node = server.configuration
    guard case .generator(let settings) = node.role, let directory = node.model else {
        throw ImpRAGError(.internal, "\(node.name) is no generator")
    }
    let compute = node.compute
    let shape = try ModelConfiguration(directory: directory)
    let coordinators = cluster.coordinators
    let memory = answerMemory(shape, settings, coordinators)
    let plan = memoryPlan(
        weights: try LlamaModel.requiredBytes(directory: directory, layers: .all, compute: compute),
        activations: shape.activationBytes(answers: settings.activeRequests), answers: memory,
        passages: settings.passageMemory, coordinators)
    try server.announce(plan)
    let model = try ImpRAGModel(
        directory: directory, layers: .all, compute: compute, threadCount: node.threads,
        pinsThreads: node.pinsThreads)
    let name = node.name
    do throws(ImpRAGError) {
        try model.warmUp(.all)
    } catch {
        // Clients' requests may fare better than this one, and one that does not reports its own error.
        NodeProcess.log("\(name): a made-up prompt was not answered: \(error.message)")
    }
    let placed = cluster.membership.map {
        RegistryTopology(partitionCount: cluster.partitionCount, replicas: $0.replicas)
    }
    let shards = try StateShards(
        placed?.topology ?? cluster.topology, fingerprint: model.fingerprint, messenger: server.messenger,
        clock: server.environment.clock)
    let tier = try PassageTier(
        model: model, coder: try coder(model, settings.states), memory: settings.passageMemory, shards: shards,
        metrics: server.metrics, on: server.environment,
        log: { NodeProcess.log("\(name): \($0)") })
    let registry = try cluster.membership.map { membership throws(ImpRAGError) in
        try RegistryFeed(
            membership, node, partitionCount: cluster.partitionCount, fingerprint: model.fingerprint,
            on: server.environment, apply: shards.apply)
    }
    try server.metrics.productTime { LlamaModel.gemmSeconds }
    return try GeneratorService(
        engine: model, settings: settings, memory: memory, tier: tier, registry: registry,
        arithmetic: Arithmetic(
            build: Build.version, compute: model.model.compute.rawValue, kernels: KernelLevel.chosen),
        detail: "all \(model.configuration.layerCount) layers, \(model.model.kernels)",
        metrics: server.metrics, on: server.environment)
}

/// Bytes that answers in progress may hold together: what the cluster file says, else what that many of the largest
/// requests within the coordinators' limits need, within reason.
private func answerMemory(
    _ shape: ModelConfiguration, _ settings: GeneratorSettings, _ coordinators: [CoordinatorSettings]
) -> ByteCount {
    if let memory = settings.answerMemory { return memory }
    let allowed = coordinators.map { $0.maxK * shape.maxPassageTokens + $0.maxPromptTokens + $0.maxAnswerTokens }
    let tokens = min(shape.maxPositions, allowed.max() ?? shape.maxPositions)
    // Keys and values of every token in every layer, float32 at most.
    let largest = ByteCount.product(settings.activeRequests, tokens, shape.layerCount, shape.embeddingDimension, 2 * 4)
    return min(largest, ByteCount(2 << 30))
}

private func coder(_ model: ImpRAGModel, _ settings: StateSettings) throws(ImpRAGError) -> StateCoder {
    var codebooks: StateCodebooks?
    if settings.codec == .pq, let path = settings.codebooks {
        let file = try MappedFile(path: path)
        codebooks = try StateCodebooks(bytes: file.copyBytes(in: 0..<file.count), model: model.model)
    }
    return try StateCoder(model.model, codec: settings.codec, keepsHalf: settings.keepsHalf, codebooks: codebooks)
}

private func memoryPlan(
    weights: ByteCount, activations: ByteCount, answers: ByteCount, passages: ByteCount,
    _ coordinators: [CoordinatorSettings]
) -> MemoryPlan {
    var plan = MemoryPlan()
    plan.add("weights", weights)
    plan.add("activations of a batch", activations)
    // A coordinator holds its reservation until the answer's end, so its limit bounds what it has waiting here.
    for limits in coordinators { plan.add("prompt states that wait", limits.maxStateMemory) }
    plan.add("passages and caches of answers", answers)
    plan.add("passages of earlier answers", passages)
    plan.add("states on their way to shards", PassageTier.storeLimit)
    plan.add("stored states of requests that wait", PassageTier.heldLimit)
    return plan
}
