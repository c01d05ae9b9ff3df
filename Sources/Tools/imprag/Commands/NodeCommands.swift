import Cluster
import Coordinator
import Core
import Generator
import Shard

let shardCommand = Command(
    name: "shard",
    summary: "Runs one shard node of a cluster file",
    discussion: "Loads its partitions and answers searches until SIGINT or SIGTERM. docs/cluster.md explains the file.",
    options: nodeOptions + [
        .optional(
            "zone", "NAME", "the zone of this machine, with \"membership\": replicas of a partition are in others")
    ],
    example: "imprag shard --config cluster.json --node shard-0",
    run: { arguments in
        let zone = arguments.string("zone")
        do throws(ImpRAGError) {
            _ = try zone.map { text throws(ImpRAGError) in try Registration.checkedZone(text) }
        } catch {
            throw UsageError(message: "--zone: \(error.message)")
        }
        try await runShard(
            configurationPath: arguments.required("config"), node: arguments.required("node"), zone: zone)
    }
)

let coordinatorCommand = Command(
    name: "coordinator",
    summary: "Runs the coordinator of a cluster file",
    discussion: """
        Runs the model's bottom layers, asks the shards and hands over to a generator, until SIGINT or SIGTERM.
        docs/cluster.md explains the file.
        """,
    options: nodeOptions,
    example: "imprag coordinator --config cluster.json --node coordinator",
    run: { try await runCoordinator(configurationPath: $0.required("config"), node: $0.required("node")) }
)

let generatorCommand = Command(
    name: "generator",
    summary: "Runs one generator node of a cluster file",
    discussion: "Reads passages and generates answers until SIGINT or SIGTERM. docs/cluster.md explains the file.",
    options: nodeOptions,
    example: "imprag generator --config cluster.json --node generator-0",
    run: { try await runGenerator(configurationPath: $0.required("config"), node: $0.required("node")) }
)

private let nodeOptions: [Option] = [
    .required("config", "FILE", "the cluster file: JSON, comments allowed"),
    .required("node", "NAME", "which of its nodes this process is"),
]
