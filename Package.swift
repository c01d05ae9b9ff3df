// swift-tools-version: 6.2
// Layers, from the ground up: Core, bindings, parts, roles, the command. Each imports only what stands below it.

import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A library target with the package's settings.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// The test target of module `name`, which may import everything that it needs to set its subject up.
func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: [.byName(name: name), "TestSupport"] + dependencies,
        swiftSettings: settings
    )
}

let package = Package(
    name: "imprag",
    products: [
        .executable(name: "imprag", targets: ["imprag"])
    ],
    targets: [
        // C libraries: system modules, or a small C target where a header needs a shim.
        .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
        .systemLibrary(name: "CRocksDB", pkgConfig: "rocksdb", providers: [.apt(["librocksdb-dev"])]),
        .systemLibrary(name: "CRoaring", providers: [.apt(["libroaring-dev"])]),
        .systemLibrary(name: "CStemmer", providers: [.apt(["libstemmer-dev"])]),
        // Without pkg-config: Debian's libzmq.pc names include flags that SwiftPM refuses with a warning.
        .systemLibrary(name: "CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .target(name: "CWire", linkerSettings: [.linkedLibrary("protobuf-c")]),
        // Optimised in debug builds too: unoptimised vector intrinsics are 30 times slower, and tests run models.
        .target(name: "CKernels", cSettings: [.unsafeFlags(["-O2"])]),
        .target(name: "CPlatform"),

        // Ground.
        module("Core"),

        // Bindings: the only modules in which the word `unsafe` may stand.
        module("Platform", ["Core", "CPlatform", "CZlib", "CCrypto"]),
        module("Regex", ["Core", "CPCRE2"]),
        module("RocksDB", ["Core", "CRocksDB"]),
        module("Bitmaps", ["Core", "CRoaring"]),
        module("Stemmer", ["Core", "CStemmer"]),
        module("ZeroMQ", ["Core", "CZeroMQ"]),
        module("Wire", ["Core", "CWire"]),
        module("Kernels", ["Core", "CKernels", "COpenBLAS"]),

        // A lexical index but for its storage, which is the passages'.
        module("Words", ["Core", "Stemmer"]),

        // Parts: never import each other.
        module("Tokenizer", ["Core", "Platform", "Regex"]),
        module("Model", ["Core", "Platform", "Kernels"]),
        module("Corpus", ["Core", "Platform"]),
        module("VectorIndex", ["Core", "Kernels"]),
        module("PassageStore", ["Core", "Platform", "RocksDB", "Bitmaps", "Words"]),
        module("Messaging", ["Core", "Platform", "ZeroMQ", "Wire"]),
        module("Evaluation", ["Core", "Platform"]),

        // Where parts meet. `Inference` is the model with its tokenizer: texts in, states and tokens out.
        module("Inference", ["Core", "Platform", "Kernels", "Model", "Tokenizer"]),
        // A prompt's state on its way from a coordinator to a generator.
        module("Handover", ["Core", "Kernels", "Model", "Messaging", "Wire"]),
        // A partition and its vector index as one: searched, changed, kept in shape.
        module("Retrieval", ["Core", "Platform", "Kernels", "PassageStore", "VectorIndex", "Words"]),
        module(
            "Indexing",
            ["Core", "Platform", "Corpus", "Evaluation", "PassageStore", "Retrieval", "VectorIndex", "Words"]),

        // `imprag quantize`: an int8 model, and what it costs.
        module("Quantization", ["Core", "Platform", "Corpus", "Evaluation", "Inference", "Kernels", "Model"]),

        // `imprag bench index`.
        module("IndexBenchmark", ["Core", "Platform", "Kernels", "PassageStore", "Retrieval", "VectorIndex"]),

        // `imprag bench model`, `imprag bench rag` and `imprag bench handover`.
        module("InferenceBenchmark", ["Core", "Platform", "Kernels", "Model", "Messaging", "Wire", "Handover"]),

        // Roles: never import each other.
        module("ClusterConfiguration", ["Core", "Platform"]),
        // What all roles do alike: memory plan, counters, signals, start-up.
        module("NodeRuntime", ["Core", "Platform", "ClusterConfiguration", "Messaging", "Wire"]),
        module(
            "ShardNode",
            [
                "Core", "Platform", "ClusterConfiguration", "Messaging", "Wire", "PassageStore", "Retrieval",
                "VectorIndex",
                "NodeRuntime", "Words",
            ]),
        module(
            "Coordinator",
            [
                "Core", "Platform", "ClusterConfiguration", "Evaluation", "Messaging", "Wire", "Model", "Inference",
                "Handover",
                "NodeRuntime", "Words",
            ]),
        module(
            "Generator",
            [
                "Core", "Platform", "ClusterConfiguration", "Messaging", "Wire", "Model", "Inference", "Handover",
                "NodeRuntime",
            ]),
        module("Client", ["Core", "Platform", "Messaging", "Wire"]),
        module("Supervisor", ["Core", "Platform", "ClusterConfiguration"]),

        .executableTarget(
            name: "imprag",
            dependencies: [
                "Core", "Platform", "ClusterConfiguration", "Corpus", "Evaluation", "IndexBenchmark", "Indexing",
                "Inference", "InferenceBenchmark", "Kernels",
                "Tokenizer",
                "Model", "PassageStore", "Quantization", "VectorIndex", "ShardNode", "Coordinator", "Generator",
                "Client", "Supervisor",
                "Wire", "Words",
            ],
            swiftSettings: settings
        ),

        .executableTarget(
            name: "TokenizerBenchmark", dependencies: ["Tokenizer"], path: "Benchmarks/tokenizer/Sources",
            swiftSettings: settings),
        .executableTarget(
            name: "WordsBenchmark", dependencies: ["Core", "PassageStore", "Retrieval", "Words"],
            path: "Benchmarks/words/Sources",
            swiftSettings: settings),

        .target(
            name: "TestSupport", dependencies: ["Core", "Platform"], path: "Tests/TestSupport", swiftSettings: settings),
        tests("Core"),
        tests("Platform"),
        tests("Regex"),
        tests("RocksDB"),
        tests("Bitmaps"),
        tests("Stemmer"),
        tests("Words"),
        tests("ZeroMQ"),
        tests("Wire"),
        tests("Kernels"),
        tests("Tokenizer"),
        tests("Model", ["Kernels", "Platform"]),
        tests("Corpus", ["Platform"]),
        tests("VectorIndex", ["Kernels", "Platform"]),
        tests("PassageStore", ["RocksDB", "Bitmaps", "Platform", "Words"]),
        tests("Messaging", ["Wire", "ZeroMQ"]),
        tests("Evaluation"),
        tests("Inference", ["Kernels", "Model", "Tokenizer"]),
        tests("Handover", ["Core", "Messaging", "Model", "Wire"]),
        tests("Retrieval", ["PassageStore", "VectorIndex", "Kernels", "Platform", "Words"]),
        tests("IndexBenchmark", ["Retrieval", "VectorIndex"]),
        tests("Quantization", ["Inference", "Model", "Platform"]),
        tests("InferenceBenchmark", ["Model"]),
        tests("Indexing", ["Corpus", "Evaluation", "PassageStore", "Retrieval", "VectorIndex", "Platform", "Words"]),
        tests("ClusterConfiguration"),
        tests("NodeRuntime", ["ClusterConfiguration", "Messaging", "Platform", "Wire"]),
        tests(
            "ShardNode",
            ["PassageStore", "Retrieval", "VectorIndex", "Messaging", "Wire", "ClusterConfiguration", "Platform"]),
        tests(
            "Coordinator",
            ["Messaging", "Wire", "Model", "Inference", "ClusterConfiguration", "Platform", "NodeRuntime"]),
        tests(
            "Generator",
            [
                "Messaging", "Wire", "Model", "Inference", "Handover", "ClusterConfiguration", "Platform",
                "NodeRuntime",
            ]),
        tests("Client", ["Messaging", "Wire"]),
        tests("Supervisor", ["ClusterConfiguration", "Platform"]),
        .testTarget(name: "TidyTests", dependencies: ["TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "ClusterTests", dependencies: ["TestSupport", "Core", "Platform", "imprag"], swiftSettings: settings),
    ],
    cLanguageStandard: .gnu11
)
