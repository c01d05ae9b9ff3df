import Core
import Evaluation
import Foundation

let planCommand = Command(
    name: "plan",
    summary: "Says what a cluster for so many passages needs: nodes, memory, disk, machines, time",
    discussion: """
        Computes shards, partitions, memory, disk, the object store's bytes, machines, the time to index and what a search costs, for a
        model (only its settings and headers are read) and a load, from figures that were measured and are named with --constants.
        Measured on two cores, and up to 1.25 million passages a partition; beyond that it extrapolates. Nothing is started.
        """,
    options: [
        .required("passages", "N", "passages: 37500000, or 37.5M"),
        .required("model", "DIR", "the model's directory"),
        .optional("recall", "X", "the recall@10 that searches aim at, 0.5 to 0.999 (default: 0.95)"),
        .optional("qps", "X", "searches a second, those of answers included (default: 10)"),
        .optional(
            "partitions", "N", "partitions of the collection (default: as few as their size and the shards allow)"),
        .optional("replicas", "N", "copies of each partition (default: 2)"),
        .optional(
            "answers-per-second", "X", "answers that generators are to write (default: as many generators as replicas)"),
        .optional("passage-tokens", "N", "tokens of an average passage (default: 100)"),
        .optional("prompt-tokens", "N", "tokens of an average prompt (default: 40)"),
        .optional("answer-tokens", "N", "tokens of an average answer (default: 64)"),
        .optional("dimensions", "N", "numbers of a vector, for a trial (default: the model's)"),
        .optional("lexical", "english|plain|off", "as for `imprag index`: off leaves words out (default: english)"),
        .optional("compute", "f32|bf16|int8", "arithmetic of the matrix products (default: what fits the weights)"),
        codeSizeOption("of the vector index, in memory"),
        .optional("machine-memory", "SIZE", "memory of a machine (default: 16GiB)"),
        .optional("machine-cores", "N", "cores of a machine (default: 8)"),
        .optional("parts", "N", "machines that embed together, `imprag index --part I/N` (default: 1)"),
        .flag("constants", "print the measured figures and their sources too"),
        .flag("json", "print one JSON object"),
    ],
    example: "imprag plan --passages 37.5M --model Models/encyclopedia-tiny --recall 0.95 --qps 50",
    run: { arguments in
        let request = try planRequest(arguments)
        let compute = try arguments.choice("compute", as: Compute.self)
        try checkModel(arguments)
        var model = try PlanModel(directory: arguments.required("model"), compute: compute)
        if let dimension = try arguments.integer("dimensions", in: 1...16_384) { model.dimension = dimension }
        let plan = try CapacityPlan(request, model)
        if arguments.has("json") {
            try writeLine(planJSON(plan).line)
        } else {
            try writeLine(planText(plan))
            if arguments.has("constants") { try writeLine("\n" + constantsText()) }
        }
    }
)

private func planRequest(_ arguments: Arguments) throws(UsageError) -> PlanRequest {
    var request = PlanRequest(
        passages: try passageCount(arguments),
        recall: try arguments.number("recall", in: SearchOptions.recallRange) ?? 0.95,
        searchesPerSecond: try arguments.number("qps", in: PlanRequest.rateRange) ?? 10)
    request.answersPerSecond = try arguments.number("answers-per-second", in: PlanRequest.rateRange)
    request.partitions = try arguments.integer("partitions", in: 1...1024)
    request.replicas = try arguments.integer("replicas", in: 1...16) ?? request.replicas
    let tokens = 1...100_000
    request.passageTokens = try arguments.integer("passage-tokens", in: tokens) ?? request.passageTokens
    request.promptTokens = try arguments.integer("prompt-tokens", in: tokens) ?? request.promptTokens
    request.answerTokens = try arguments.integer("answer-tokens", in: tokens) ?? request.answerTokens
    request.machineCores = try arguments.integer("machine-cores", in: 1...1024) ?? request.machineCores
    request.parts = try arguments.integer("parts", in: 1...1024) ?? request.parts
    request.machineMemory = try machineMemory(arguments) ?? request.machineMemory
    request.codeSize = try chosenCodeSize(arguments)
    request.hasWords = try lexicalAnalysis(arguments) != nil
    return request
}

/// A whole number, or one with K, M or B behind it, as in 37.5M.
private func passageCount(_ arguments: Arguments) throws(UsageError) -> Int {
    let text = arguments.required("passages")
    let units: [Character: Double] = ["k": 1e3, "m": 1e6, "b": 1e9]
    let unit = text.last.flatMap { units[Character($0.lowercased())] }
    let value = Double(unit == nil ? text : String(text.dropLast())).map { $0 * (unit ?? 1) }
    guard let value, value.isFinite, value <= Double(PlanRequest.passageRange.upperBound),
        let count = Int(exactly: value.rounded()), PlanRequest.passageRange.contains(count),
        unit != nil || Double(count) == value
    else {
        throw UsageError(
            message: "--passages is '\(text)'; a whole number from 1 on, or one such as 500K, 37.5M, 1B is right")
    }
    return count
}

/// As `Arguments.byteCount`, also without the space before the unit.
private func machineMemory(_ arguments: Arguments) throws(UsageError) -> ByteCount? {
    guard let text = arguments.string("machine-memory") else { return nil }
    let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let unit = text.dropFirst(number.count).drop { $0 == " " }
    let size = unit.isEmpty ? Int(number).map { ByteCount($0) } : ByteCount("\(number) \(unit)")
    guard let size, size.bytes >= 1 << 28, size.bytes <= 1 << 50 else {
        throw UsageError(message: "--machine-memory is '\(text)'; a size from 256MiB to 1024TiB, as in 16GiB, is right")
    }
    return size
}

// MARK: Text

private func planText(_ plan: CapacityPlan) -> String {
    let request = plan.request
    let latency = plan.searchLatency
    let (store, machines, ready) = (plan.storeBytes, plan.machines, plan.readySeconds)
    let build = plan.build
    return """
        \(request.passages) passages of \(plan.model.dimension) numbers, \(request.searchesPerSecond) searches/s with recall \
        \(request.recall), machines of \(request.machineMemory) and \(request.machineCores) cores

        partitions    \(plan.partitions), of \(plan.partitionRows) passages
        shards        \(plan.shard.count): \(plan.shardsPerReplica) hold each partition once, \(request.replicas) replicas
        \(table(nodeRows(plan)))

        a \(describe(plan.shard))
        a \(describe(plan.coordinator))
        a \(describe(plan.generator))

        machines      \(machines.one), one a node; \(machines.least) at least, where nodes share
        object store  \(store.checkpoints), at most \(store.most) while checkpoints are replaced: \
        \(sizes(plan.stored))
        search        p50 \(fixed(1000 * latency.p50, 1)) ms, p99 \(fixed(1000 * latency.p99, 1)) ms alone and warm, with as many \
        search_workers as cores; the prompt's layers before it \(fixed(1000 * plan.promptSeconds, 1)) ms; \
        \(fixed(1000 * plan.searchSeconds, 2)) ms of a core
        answers       \(fixed(plan.answersPerSecond.read, 2))/s, \(fixed(plan.answersPerSecond.stored, 2))/s with stored states
        to index      \(duration(build.embedSeconds)) embedding\(request.parts > 1 ? " in \(request.parts) parts" : ""), \
        \(duration(build.indexSeconds)) for the index: writing \(duration(build.writeSeconds)), words \
        \(duration(build.wordsSeconds)), training \(duration(build.trainSeconds)), coding \(duration(build.codeSeconds)), \
        calibrating \(duration(build.calibrateSeconds))
        to serve      \(duration(ready.warm)) from a shard's disk, \(duration(ready.empty)) with an empty one

        what costs
        \(plan.drivers.map { "  \($0.what); \($0.remedy)" }.joined(separator: "\n"))
        """
}

private func nodeRows(_ plan: CapacityPlan) -> [[String]] {
    [["role", "nodes", "memory", "cores", "disk"]]
        + plan.nodes.map { node in
            [
                node.role, String(node.count), node.memoryTotal.description, fixed(node.cores, 1),
                node.disk.bytes > 0 ? node.disk.description : "-",
            ]
        }
}

private func describe(_ node: PlannedNode) -> String {
    "\(node.role) needs \(node.memoryTotal): \(sizes(node.memory))"
}

private func sizes(_ items: [(String, ByteCount)]) -> String {
    items.filter { $0.1.bytes > 0 }.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
}

private func duration(_ seconds: Double) -> String {
    switch seconds {
    case ..<100: "\(fixed(seconds, 1)) s"
    case ..<6000: "\(fixed(seconds / 60, 0)) min"
    case ..<172_800: "\(fixed(seconds / 3600, 1)) h"
    default: "\(fixed(seconds / 86_400, 1)) days"
    }
}

private func constantsText() -> String {
    table(
        [["figure", "value", "unit", "source"]]
            + PlanConstants.all.map { [$0.name, "\($0.value)", $0.unit, $0.source] })
}

// MARK: JSON

private func planJSON(_ plan: CapacityPlan) -> JSONLine {
    var line = JSONLine()
    line.add("passages", plan.request.passages)
    line.add("dimension", plan.model.dimension)
    line.add("recall", plan.request.recall)
    line.add("searches_per_second", plan.request.searchesPerSecond)
    line.add("partitions", plan.partitions)
    line.add("partition_passages", plan.partitionRows)
    line.add("replicas", plan.request.replicas)
    line.add("nodes", plan.nodes.map(json))
    line.add("machines", plan.machines.one)
    line.add("machines_at_least", plan.machines.least)
    line.add("store_bytes", plan.storeBytes.checkpoints.bytes)
    line.add("store_bytes_at_most", plan.storeBytes.most.bytes)
    line.add("stored", sizesJSON(plan.stored))
    line.add("search_core_seconds", plan.searchSeconds)
    line.add("search_p50_seconds", plan.searchLatency.p50)
    line.add("search_p99_seconds", plan.searchLatency.p99)
    line.add("prompt_seconds", plan.promptSeconds)
    line.add("answers_per_second", plan.answersPerSecond.read)
    line.add("answers_per_second_with_states", plan.answersPerSecond.stored)
    line.add("embed_seconds", plan.build.embedSeconds)
    line.add("index_seconds", plan.build.indexSeconds)
    line.add("write_seconds", plan.build.writeSeconds)
    line.add("words_seconds", plan.build.wordsSeconds)
    line.add("train_seconds", plan.build.trainSeconds)
    line.add("code_seconds", plan.build.codeSeconds)
    line.add("calibrate_seconds", plan.build.calibrateSeconds)
    line.add("ready_seconds", plan.readySeconds.warm)
    line.add("ready_seconds_with_empty_disk", plan.readySeconds.empty)
    line.add(
        "cost_drivers",
        plan.drivers.map { driver in
            var object = JSONLine()
            object.add("what", driver.what)
            object.add("remedy", driver.remedy)
            return object
        })
    line.add(
        "constants",
        PlanConstants.all.map { constant in
            var object = JSONLine()
            object.add("name", constant.name)
            object.add("value", constant.value)
            object.add("unit", constant.unit)
            object.add("source", constant.source)
            return object
        })
    return line
}

private func json(_ node: PlannedNode) -> JSONLine {
    var line = JSONLine()
    line.add("role", node.role)
    line.add("count", node.count)
    line.add("memory_bytes", node.memoryTotal.bytes)
    line.add("memory", sizesJSON(node.memory))
    line.add("cores", node.cores)
    line.add("disk_bytes", node.disk.bytes)
    return line
}

private func sizesJSON(_ items: [(String, ByteCount)]) -> JSONLine {
    var line = JSONLine()
    for (what, size) in items { line.add(what, size.bytes) }
    return line
}
