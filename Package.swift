// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A Swift module of `Sources/folder`.
struct Module {
    let name: String
    let folder: String
    let dependencies: [String]

    init(_ name: String, in folder: String = "", _ dependencies: [String] = []) {
        self.name = name
        self.folder = folder
        self.dependencies = dependencies
    }

    var target: Target {
        let path = ["Sources", folder, name].filter { !$0.isEmpty }.joined(separator: "/")
        let dependencies = dependencies.map { Target.Dependency(stringLiteral: $0) }
        if name == "imprag" {
            return .executableTarget(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
        }
        return .target(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
    }
}

/// The one order: a module imports only what stands above it, and declares only what it imports. The tidy test reads
/// this list.
let modules = [
    // Nouns and values that several modules share.
    Module("Core"),
    // Bindings: one C library each, and the only modules in which the word `unsafe` may stand.
    Module("Platform", in: "Bindings", ["CCrypto", "CPlatform", "CZlib", "Core"]),
    Module("Regex", in: "Bindings", ["CPCRE2"]),
    Module("RocksDB", in: "Bindings", ["CRocksDB", "Core"]),
    Module("Bitmaps", in: "Bindings", ["CRoaring"]),
    Module("Stemmer", in: "Bindings", ["CStemmer"]),
    Module("ZeroMQ", in: "Bindings", ["CZeroMQ"]),
    Module("Wire", in: "Bindings", ["CWire", "Core"]),
    Module("HTTP", in: "Bindings", ["CCurl", "Core"]),
    Module("HTTPServer", in: "Bindings", ["CMicrohttpd", "Core", "Platform"]),
    Module("Kernels", in: "Bindings", ["CKernels", "COpenBLAS", "Core"]),
    Module("Page", in: "Bindings", ["CPage", "Core", "Platform"]),
    // The model: text to tokens, tokens to states and answers.
    Module("Tokenizer", in: "Engine", ["Core", "Regex"]),
    Module("Model", in: "Engine", ["Core", "Platform", "Wire", "Kernels", "Tokenizer"]),
    // What is stored and searched.
    Module("VectorIndex", in: "Store", ["Core", "Kernels"]),
    Module("Words", in: "Store", ["Core", "Stemmer"]),
    Module("ObjectStore", in: "Store", ["Core", "Platform", "HTTP"]),
    Module(
        "Storage", in: "Store",
        ["Core", "Platform", "RocksDB", "Bitmaps", "Kernels", "VectorIndex", "Words", "ObjectStore"]),
    Module("Indexing", in: "Store", ["Core", "Platform", "VectorIndex", "Words", "ObjectStore", "Storage"]),
    // Agreement, messages, the cluster file, what every node does alike, clients. `Etcd` is a client of etcd's HTTP and
    // knows nothing of nodes; `Cluster` says what is kept there.
    Module("Etcd", in: "Cluster", ["Core", "HTTP"]),
    Module("Messaging", in: "Cluster", ["Core", "Platform", "ZeroMQ", "Wire"]),
    Module("Cluster", in: "Cluster", ["Core", "Platform", "HTTP", "HTTPServer", "Wire", "Words", "Etcd", "Messaging"]),
    Module("Client", in: "Cluster", ["Core", "Platform", "Wire", "Messaging"]),
    // One role each; never import each other.
    Module(
        "Shard", in: "Nodes",
        [
            "Core", "Platform", "Wire", "Kernels", "VectorIndex", "Words", "ObjectStore", "Storage", "Messaging",
            "Cluster",
        ]),
    Module(
        "Coordinator", in: "Nodes",
        [
            "Core", "Platform", "Wire", "Kernels", "Model", "Words", "ObjectStore", "Storage", "Messaging", "Cluster",
        ]),
    Module("Generator", in: "Nodes", ["Core", "Platform", "Wire", "Kernels", "Model", "Messaging", "Cluster"]),
    Module(
        "Gateway", in: "Nodes", ["Core", "Page", "Platform", "HTTPServer", "Wire", "Messaging", "Cluster", "Client"]),
    // The command, its benchmarks and measurements.
    Module(
        "Evaluation", in: "Tools",
        [
            "Core", "Platform", "Wire", "Kernels", "Model", "VectorIndex", "ObjectStore", "Storage", "Indexing",
            "Messaging",
        ]),
    Module(
        "imprag", in: "Tools",
        [
            "Core", "Platform", "Wire", "Kernels", "Tokenizer", "Model", "VectorIndex", "Words", "ObjectStore",
            "Storage",
            "Indexing", "Messaging", "Cluster", "Client", "Shard", "Coordinator", "Generator", "Gateway", "Evaluation",
        ]),
]

/// The test target of module `name`, which may import everything that it needs to set its subject up.
func tests(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: [.byName(name: name), "TestSupport"] + dependencies,
        exclude: exclude,
        swiftSettings: settings
    )
}

/// C libraries: system modules, or a small C target where a header needs a shim; and our own C.
let foreign: [Target] = [
    .systemLibrary(
        name: "CPCRE2", path: "Sources/C/CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
    .systemLibrary(
        name: "CRocksDB", path: "Sources/C/CRocksDB", pkgConfig: "rocksdb", providers: [.apt(["librocksdb-dev"])]),
    .systemLibrary(
        name: "CCurl", path: "Sources/C/CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(
        name: "CMicrohttpd", path: "Sources/C/CMicrohttpd", pkgConfig: "libmicrohttpd",
        providers: [.apt(["libmicrohttpd-dev"])]),
    .systemLibrary(name: "CRoaring", path: "Sources/C/CRoaring", providers: [.apt(["libroaring-dev"])]),
    .systemLibrary(name: "CStemmer", path: "Sources/C/CStemmer", providers: [.apt(["libstemmer-dev"])]),
    // Without pkg-config: Debian's libzmq.pc names include flags that SwiftPM refuses with a warning.
    .systemLibrary(name: "CZeroMQ", path: "Sources/C/CZeroMQ", providers: [.apt(["libzmq3-dev"])]),
    .systemLibrary(name: "CZlib", path: "Sources/C/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(
        name: "CCrypto", path: "Sources/C/CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
        name: "COpenBLAS", path: "Sources/C/COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .target(name: "CWire", path: "Sources/C/CWire", linkerSettings: [.linkedLibrary("protobuf-c")]),
    // Optimised in debug builds too: unoptimised vector intrinsics are 30 times slower, and tests run models.
    .target(name: "CKernels", path: "Sources/C/CKernels", cSettings: [.unsafeFlags(["-O2"])]),
    .target(name: "CPlatform", path: "Sources/C/CPlatform"),
    // The files are no resources, which would lie beside the program: the compiler takes them into it.
    .target(name: "CPage", path: "Sources/C/CPage", exclude: ["files"]),
]

let benchmarks: [Target] = [
    .executableTarget(
        name: "TokenizerBenchmark", dependencies: ["Tokenizer"], path: "Benchmarks/tokenizer/Sources",
        swiftSettings: settings),
    .executableTarget(
        name: "WordsBenchmark", dependencies: ["Core", "Storage", "Words"], path: "Benchmarks/words/Sources",
        swiftSettings: settings),
]

/// What `FuzzTargets` reads with.
let fuzzed: [Target.Dependency] = [
    "TestSupport", "Core", "Platform", "ZeroMQ", "Wire", "Kernels", "Tokenizer", "Model", "VectorIndex", "ObjectStore",
    "Storage", "Indexing", "Messaging", "Cluster", "Client",
]

let testTargets: [Target] = [
    .target(
        name: "TestSupport", dependencies: ["Core", "Wire", "ObjectStore"], path: "Tests/TestSupport",
        swiftSettings: settings),
    // The house rules, on the sources themselves.
    .testTarget(name: "TidyTests", dependencies: ["TestSupport"], swiftSettings: settings),
    // Whole processes: real nodes of the built command.
    .testTarget(
        name: "ProcessTests", dependencies: ["TestSupport", "Core", "Platform", "HTTP", "imprag"],
        swiftSettings: settings),
    // Simulated time, threads and network, for tests that are not to wait.
    .target(
        name: "SimulatedWorld",
        dependencies: ["TestSupport", "Core", "Platform", "Wire", "Messaging", "Cluster"], path: "Tests/SimulatedWorld",
        swiftSettings: settings),
    // Readers of foreign bytes: the fuzzers of Tests/Fuzz and the tests of FuzzTests drive the same ones.
    .target(
        name: "FuzzTargets", dependencies: fuzzed, path: "Tests/FuzzTargets", swiftSettings: settings),
    .testTarget(name: "FuzzTests", dependencies: ["TestSupport", "FuzzTargets"], swiftSettings: settings),
    // A seeded cluster on a simulated clock and network.
    .testTarget(
        name: "SimulationTests",
        dependencies: [
            "TestSupport", "SimulatedWorld", "Core", "Platform", "Wire", "Model", "VectorIndex", "ObjectStore",
            "Storage", "Messaging", "Cluster", "Shard", "Coordinator", "Generator",
        ],
        path: "Tests/Simulation", swiftSettings: settings),
    tests("Core"),
    tests("Platform", ["Core"]),
    tests("Regex"),
    tests("RocksDB", ["Core"]),
    tests("Bitmaps"),
    tests("Stemmer"),
    tests("ZeroMQ"),
    tests("Wire", ["CWire", "Core"]),
    tests("HTTP", ["Core"]),
    tests("HTTPServer", ["Core", "Platform", "HTTP"]),
    tests("Kernels", ["Core"]),
    tests("Page"),
    tests("Gateway", ["Core", "HTTPServer", "Wire", "Messaging", "Cluster", "Client"]),
    tests("Tokenizer", ["Core", "Regex"], exclude: ["Golden"]),
    tests("Model", ["Core", "Wire", "Kernels", "Messaging"], exclude: ["Families", "make_families.py"]),
    tests("VectorIndex", ["Core", "Platform", "Kernels"]),
    tests("Words", ["Core"]),
    tests(
        "ObjectStore", ["Core", "Platform"],
        exclude: ["make_signatures.py", "s3_stand_in.py", "seaweedfs.sh", "signatures.json"]),
    tests("Storage", ["Core", "Platform", "RocksDB", "Kernels", "VectorIndex", "Words", "ObjectStore"]),
    tests("Indexing", ["Core", "Platform", "VectorIndex", "Words", "ObjectStore", "Storage", "Evaluation"]),
    tests("Etcd", ["Core"]),
    tests("Messaging", ["Core", "ZeroMQ", "Wire", "Cluster", "SimulatedWorld"]),
    tests("Cluster", ["Core", "Platform", "HTTP", "HTTPServer", "Wire", "Etcd", "Messaging", "SimulatedWorld"]),
    tests("Client", ["Core", "ZeroMQ", "Wire", "Messaging"]),
    tests(
        "Shard",
        ["Core", "Platform", "Wire", "VectorIndex", "ObjectStore", "Storage", "Messaging", "Cluster", "SimulatedWorld"]),
    tests(
        "Coordinator",
        ["Core", "Platform", "Wire", "Model", "ObjectStore", "Storage", "Messaging", "Cluster", "SimulatedWorld"]),
    tests("Generator", ["Core", "Platform", "Wire", "Model", "Messaging", "Cluster", "SimulatedWorld"]),
    tests(
        "Evaluation", ["Core", "Model", "VectorIndex", "ObjectStore", "Storage", "Cluster"], exclude: ["Ranking"]),
]

let package = Package(
    name: "imprag",
    products: [.executable(name: "imprag", targets: ["imprag"])],
    targets: foreign + modules.map(\.target) + benchmarks + testTargets,
    cLanguageStandard: .gnu11
)
