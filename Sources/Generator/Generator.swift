import ClusterConfiguration
public import Core
import Inference
import Messaging
import Model
import NodeRuntime

/// Runs the generator `node` of the cluster file at `configurationPath` until SIGINT or SIGTERM.
///
/// - Throws: `invalidArgument` with every problem of the file, what loading the model throws, and `resourceExhausted`
///   when it needs more than its memory budget.
public func runGenerator(configurationPath: String, node: String) async throws(ImpRAGError) {
    try await NodeProcess.run(configurationPath: configurationPath, node: node, kind: .generator) {
        cluster, server throws(ImpRAGError) in
        try loadGenerator(cluster, server.configuration)
    }
}

private func loadGenerator(
    _ cluster: ClusterConfiguration, _ node: NodeConfiguration
) throws(ImpRAGError) -> GeneratorService {
    guard case .generator(let settings) = node.role, let directory = node.model else {
        throw ImpRAGError(.internal, "\(node.name) is no generator")
    }
    let compute = node.compute.flatMap(Compute.init)
    let plan = memoryPlan(
        try ModelConfiguration(directory: directory),
        weights: try LlamaModel.requiredBytes(directory: directory, layers: .all, compute: compute),
        settings, coordinator: cluster.nodes(of: .coordinator).first)
    NodeProcess.log("\(node.name) will need \(plan)")
    try plan.require(within: node.memoryBudget, node: node.name)
    let model = try ImpRAGModel(directory: directory, layers: .all, compute: compute, threadCount: node.threads)
    try warmUp(model)
    return try GeneratorService(
        engine: model, settings: settings,
        detail: "all \(model.configuration.layerCount) layers, \(model.model.compute.rawValue), \(model.model.kernels)")
}

/// Answers a made-up prompt over made-up passages, so that pages are mapped and kernels are chosen before the first
/// client waits for them.
private func warmUp(_ model: ImpRAGModel) throws(ImpRAGError) {
    let shape = model.configuration
    let text = String(repeating: "Which river flows through it? ", count: 4)
    // Few: a model may ask for tens of thousands, and being ready comes first.
    let k = min(shape.topK, 8, max(0, (shape.maxPositions - 64) / max(1, shape.maxPassageTokens)))
    let tokens = Array(try model.promptTokens(text).prefix(32))
    guard let state = try model.promptStates([PromptRequest(tokens: tokens, k: k)]).first else { return }
    let passages = (0..<k).map { Passage(id: "\($0)", title: "", text: text) }
    let answer = try model.answer(
        from: state, passages: passages, encoding: shape.passageEncoding, sampling: try Sampling(maxTokens: 2))
    while try answer.next() != nil {}
}

/// The weights, and the largest caches that the coordinator's limits allow.
private func memoryPlan(
    _ shape: ModelConfiguration, weights: ByteCount, _ settings: GeneratorSettings, coordinator: NodeConfiguration?
) -> MemoryPlan {
    var tokens = shape.maxPositions
    var plan = MemoryPlan()
    plan.add("weights", weights)
    if case .coordinator(let limits)? = coordinator?.role {
        tokens = min(tokens, limits.maxK * shape.maxPassageTokens + limits.maxPromptTokens + limits.maxAnswerTokens)
        // The coordinator holds its reservation until the first token: what waits here is counted there.
        plan.add("prompt states that wait", limits.maxStateMemory)
    }
    // Keys and values, float32, in every layer, for every token of passages, prompt and answer.
    plan.add(
        "caches of \(settings.activeRequests) answers",
        byteProduct(settings.activeRequests, tokens, shape.layerCount, shape.embeddingDimension, 2 * 4))
    return plan
}
