import Cluster
public import Core
import Foundation
import Kernels
import Messaging
import Model
import ObjectStore
import Platform
import Storage
import Wire

/// Runs the coordinator `node` of the cluster file at `configurationPath` until SIGINT or SIGTERM.
///
/// - Throws: `invalidArgument` with every problem in the file, what loading the model throws, and `resourceExhausted`
///   when it needs more than its memory budget.
public func runCoordinator(configurationPath: String, node: String) async throws(ImpRAGError) {
    try await NodeProcess.run(configurationPath: configurationPath, node: node, kind: .coordinator, limits: limits) {
        cluster, server throws(ImpRAGError) in
        try loadCoordinator(cluster, server)
    }
}

/// Clients send prompts and no tensors.
private let limits: MessagingLimits = {
    var limits = MessagingLimits()
    limits.frameBytes = 8 * limits.envelopeBytes
    return limits
}()

private func loadCoordinator(
    _ cluster: ClusterConfiguration, _ server: NodeServer
) throws(ImpRAGError) -> CoordinatorService {
    let node = server.configuration
    guard case .coordinator(let settings) = node.role, let directory = node.model else {
        throw ImpRAGError(.internal, "\(node.name) is no coordinator")
    }
    let compute = node.compute
    let shape = try ModelConfiguration(directory: directory)
    var plan = MemoryPlan()
    plan.add(
        "weights of layers 0…\(shape.bottomBoundary)",
        try LlamaModel.requiredBytes(directory: directory, layers: .bottom, compute: compute))
    plan.add("prompt states in flight", settings.maxStateMemory)
    // Prompts and the passages of updates run through the layers on separate threads.
    plan.add("activations of a batch of prompts", shape.activationBytes())
    plan.add("activations of embedded passages", shape.activationBytes())
    try server.announce(plan)
    let model = try ImpRAGModel(
        directory: directory, layers: .bottom, compute: compute, threadCount: node.threads,
        pinsThreads: node.pinsThreads)
    let name = node.name
    do throws(ImpRAGError) {
        try model.warmUp(.bottom)
    } catch {
        // Clients' prompts may fare better than this one, and one that does not reports its own error.
        NodeProcess.log("\(name): a made-up prompt was not read: \(error.message)")
    }
    let topology =
        cluster.membership.map { settings in
            RegistryTopology(partitionCount: cluster.partitionCount, replicas: settings.replicas).topology
        } ?? cluster.topology
    let peers = try Peers(
        topology, of: name, fingerprint: model.fingerprint, messenger: server.messenger,
        environment: server.environment,
        log: { NodeProcess.log("\(name): \($0)") },
        onComplete: {
            StandardStream.output.writeLine(NodeAnnouncement.complete(node: name).description)
        },
        onRefused: { reason in
            StandardStream.output.writeLine(NodeAnnouncement.refused(node: name, reason: reason).description)
        })
    let storeMetrics = try StoreMetrics(server.metrics, clock: server.environment.clock)
    let registry = try cluster.membership.map { membership throws(ImpRAGError) in
        try RegistryFeed(
            membership, node, partitionCount: cluster.partitionCount, fingerprint: model.fingerprint,
            on: server.environment, apply: peers.apply)
    }
    try server.metrics.productTime { LlamaModel.gemmSeconds }
    let service = try CoordinatorService(
        encoder: model, settings: settings, peers: peers, registry: registry,
        detail: "layers 0…\(shape.bottomBoundary), \(model.model.kernels)",
        metrics: server.metrics, on: server.environment,
        collection: node.index.map { location throws(ImpRAGError) in
            try ServedCollection(at: location, on: server.environment) { location throws(ImpRAGError) in
                try openObjectStore(location, environment: ProcessInfo.processInfo.environment, isThere: true)
            }
        },
        arithmetic: Arithmetic(
            build: Build.version, compute: model.model.compute.rawValue, kernels: KernelLevel.chosen),
        readCollection: node.index.map { manifestReader($0, model.fingerprint) },
        openLog: logOpener(node, settings, model.fingerprint, storeMetrics))
    service.openLog { NodeProcess.log("\(name): \($0)") }
    peers.watch()
    return service
}

/// What reads the manifest of the collection at `location`.
private func manifestReader(
    _ location: String, _ fingerprint: Fingerprint
) -> @Sendable (Deadline) throws(ImpRAGError) -> CollectionFacts? {
    let opened = OpenedStore(location) { location throws(ImpRAGError) in
        try openObjectStore(location, environment: ProcessInfo.processInfo.environment, isThere: true)
    }
    return { deadline throws(ImpRAGError) in
        guard let store = try opened.store() else { return nil }
        let manifest = try StoredCollection(store).manifest(expecting: fingerprint, deadline: deadline).manifest
        return CollectionFacts(
            id: manifest.collection, name: CollectionLocation(location)?.name ?? "", certainty: manifest.certainty ?? []
        )
    }
}

/// What opens the log of the node's collection; nil for a coordinator that takes no updates.
private func logOpener(
    _ node: NodeConfiguration, _ settings: CoordinatorSettings, _ fingerprint: Fingerprint, _ metrics: StoreMetrics
) -> (@Sendable () throws(ImpRAGError) -> CollectionLog)? {
    guard !settings.isReadOnly, let location = node.index else { return nil }
    return { () throws(ImpRAGError) in
        let store = MeasuredStore(
            try openObjectStore(location, environment: ProcessInfo.processInfo.environment), metrics)
        let deadline = Deadline.after(milliseconds: openMilliseconds)
        // Some services accept conditions and overwrite all the same; a directory of this machine does not.
        if location.contains("://") { try StoreCheck(store, deadline: deadline).runConditions() }
        let collection = StoredCollection(store)
        return CollectionLog(collection, try collection.manifest(expecting: fingerprint, deadline: deadline))
    }
}

/// How long a store has to say what the collection is.
private let openMilliseconds = 10_000
