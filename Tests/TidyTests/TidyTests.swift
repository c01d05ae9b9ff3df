import Foundation
import TestSupport
import Testing

/// The house rules that neither the compiler nor the formatter enforces, checked on the sources themselves.
struct TidyTests {
    /// Modules by layer. A module imports only from layers below its own, so never one beside it.
    static let layers: [[String]] = [
        ["Core"],
        ["Platform", "Regex", "RocksDB", "Bitmaps", "Stemmer", "ZeroMQ", "Wire", "Kernels"],
        ["Words"],
        [
            "Tokenizer", "Model", "Corpus", "VectorIndex", "PassageStore", "Messaging", "Evaluation",
            "ClusterConfiguration",
        ],
        ["Inference", "Retrieval", "NodeRuntime", "Client", "Handover"],
        ["Indexing", "IndexBenchmark", "InferenceBenchmark", "Quantization"],
        ["ShardNode", "Coordinator", "Generator", "Supervisor"],
        ["imprag"],
    ]
    /// C libraries and our own C: only bindings may see them.
    static let foreign: Set<String> = [
        "CPCRE2", "CRocksDB", "CRoaring", "CStemmer", "CZeroMQ", "CZlib", "CCrypto", "COpenBLAS", "CWire", "CKernels",
        "CPlatform",
    ]

    /// Every Swift file of `Sources/module`, with its lines.
    private static func files(of module: String) throws -> [(path: String, lines: [Substring])] {
        let root = SharedData.packageRoot + "/Sources/" + module
        let names = FileManager.default.enumerator(atPath: root)?.allObjects as? [String] ?? []
        return try names.filter { $0.hasSuffix(".swift") }.map { name in
            let text = try String(contentsOfFile: root + "/" + name, encoding: .utf8)
            return ("\(module)/\(name)", text.split(separator: "\n", omittingEmptySubsequences: false))
        }
    }

    private static func importedModule(_ line: Substring) -> String? {
        let words = line.split(separator: " ")
        guard let position = words.firstIndex(of: "import"), position <= 1, words.count > position + 1 else {
            return nil
        }
        return String(words[position + 1])
    }

    @Test("the layers name every module, and no module twice")
    func complete() throws {
        let named = Self.layers.flatMap { $0 } + Self.foreign
        let present = try FileManager.default.contentsOfDirectory(atPath: SharedData.packageRoot + "/Sources")
        #expect(named.count == Set(named).count)
        #expect(Set(named) == Set(present))
    }

    @Test("modules import only from the layers below", arguments: layers.indices)
    func directions(layer: Int) throws {
        let own = Set(Self.layers.flatMap { $0 })
        let below = Set(Self.layers[..<layer].flatMap { $0 })
        for module in Self.layers[layer] {
            for (path, lines) in try Self.files(of: module) {
                for imported in lines.compactMap(Self.importedModule) {
                    if own.contains(imported) { #expect(below.contains(imported), "\(path) imports \(imported)") }
                    if Self.foreign.contains(imported) { #expect(layer == 1, "\(path) imports \(imported)") }
                }
            }
        }
    }

    @Test("the word unsafe stands in bindings only")
    func unsafeCode() throws {
        for (number, modules) in Self.layers.enumerated() where number != 1 {
            for module in modules {
                for (path, lines) in try Self.files(of: module) {
                    for (index, line) in lines.enumerated() where !line.drop(while: { $0 == " " }).hasPrefix("//") {
                        #expect(!line.contains("unsafe") && !line.contains("Unsafe"), "\(path):\(index + 1)")
                    }
                }
            }
        }
    }

    @Test("nothing is forced, left open or trapped on purpose, and no file grows beyond 500 lines")
    func traps() throws {
        let forbidden = ["try!", " as! ", "fatalError(", "TODO", "FIXME", "XXX"]
        for module in Self.layers.flatMap({ $0 }) {
            for (path, lines) in try Self.files(of: module) {
                #expect(lines.count <= 500, "\(path)")
                for (index, line) in lines.enumerated() {
                    #expect(!forbidden.contains { line.contains($0) }, "\(path):\(index + 1)")
                }
            }
        }
    }
}
