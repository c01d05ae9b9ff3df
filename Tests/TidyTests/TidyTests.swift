import Foundation
import TestSupport
import Testing

/// The house rules that neither the compiler nor the formatter enforces, checked on the sources themselves.
struct TidyTests {
    /// A module as `Package.swift` lists it.
    struct Module: CustomTestStringConvertible {
        let name: String
        let folder: String
        let dependencies: Set<String>

        var path: String { folder.isEmpty ? name : "\(folder)/\(name)" }
        var testDescription: String { name }
    }

    /// The one order, read from the list in `Package.swift`.
    static let modules: [Module] = {
        let manifest = (try? String(contentsOfFile: SharedData.packageRoot + "/Package.swift", encoding: .utf8)) ?? ""
        guard let start = manifest.range(of: "let modules = [\n"),
            let end = manifest.range(of: "\n]\n", range: start.upperBound..<manifest.endIndex)
        else { return [] }
        return manifest[start.upperBound..<end.lowerBound].components(separatedBy: "Module(").dropFirst().map { entry in
            let strings = entry.components(separatedBy: "\"").enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
            let hasFolder = entry.contains("in:")
            return Module(
                name: strings[0], folder: hasFolder ? strings[1] : "",
                dependencies: Set(strings.dropFirst(hasFolder ? 2 : 1)))
        }
    }()
    /// Folders whose modules never import each other.
    static let apart: Set<String> = ["Bindings", "Nodes"]

    /// Every Swift file of `module`, with its lines.
    private static func files(of module: Module) throws -> [(path: String, lines: [Substring])] {
        let root = SharedData.packageRoot + "/Sources/" + module.path
        let names = FileManager.default.enumerator(atPath: root)?.allObjects as? [String] ?? []
        return try names.filter { $0.hasSuffix(".swift") }.map { name in
            let text = try String(contentsOfFile: root + "/" + name, encoding: .utf8)
            return ("\(module.path)/\(name)", text.split(separator: "\n", omittingEmptySubsequences: false))
        }
    }

    private static func entries(of folder: String) throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: SharedData.packageRoot + "/Sources/" + folder))
    }

    private static func importedModule(_ line: Substring) -> String? {
        let words = line.split(separator: " ")
        guard let position = words.firstIndex(of: "import"), position <= 1, words.count > position + 1 else {
            return nil
        }
        return String(words[position + 1])
    }

    /// Sets and dictionaries whose strings are names of ours: of nodes, options, settings and HTTP's methods, never of
    /// passages or fields.
    static let ownNames: Set<String> = [
        "AnswerText.swift", "StateShards.swift", "Peers.swift", "Updater.swift", "CoordinatorService.swift",
        "FanOut.swift", "ShardAnswers.swift", "AwaitedUpdate.swift", "Membership.swift", "Arguments.swift",
        "MetricRegistry.swift", "GatewayRoute.swift", "GatewayMetrics.swift", "GatewayFailure.swift",
        // Digests, origins and HTTP's headers.
        "GatewayKeys.swift", "CrossOrigin.swift", "Allowance.swift",
    ]

    @Test("what users name is a key by its bytes: String would have two ids as one", arguments: modules)
    func keysAreBytes(module: Module) throws {
        // The object store's names are ASCII.
        guard module.name != "ObjectStore" else { return }
        guard ["Core", "Client", "imprag"].contains(module.name) || ["Store", "Nodes"].contains(module.folder) else {
            return
        }
        for (path, lines) in try Self.files(of: module)
        where !Self.ownNames.contains(String(path.split(separator: "/").last ?? "")) {
            for (number, line) in lines.enumerated() {
                let isKeyed = ["Set<String>", "[String: ", "Set(ids)"].contains { line.contains($0) }
                #expect(!isKeyed, "\(path):\(number + 1) has strings as keys; ByteString compares bytes")
            }
        }
    }

    @Test("Package.swift lists every module of Sources, in its folder, once")
    func complete() throws {
        let names = Self.modules.map(\.name)
        #expect(names.count == Set(names).count && names.count > 15)
        let folders = Set(Self.modules.map(\.folder)).subtracting([""])
        #expect(try Self.entries(of: "") == folders.union(["C", "Core"]))
        for folder in folders {
            #expect(try Self.entries(of: folder) == Set(Self.modules.filter { $0.folder == folder }.map(\.name)))
        }
    }

    @Test("a module imports only what stands above it, and declares exactly what it imports", arguments: modules)
    func directions(module: Module) throws {
        let foreign = try Self.entries(of: "C")
        let above = Self.modules.prefix { $0.name != module.name }
        let allowed = Set(
            // Threads and files are for every binding.
            above.filter { !Self.apart.contains($0.folder) || $0.folder != module.folder || $0.name == "Platform" }
                .map(\.name))
        let ours = foreign.union(Self.modules.map(\.name))
        var imported: Set<String> = []
        for (path, lines) in try Self.files(of: module) {
            for name in lines.compactMap(Self.importedModule) where ours.contains(name) {
                imported.insert(name)
                let isAllowed = foreign.contains(name) ? module.folder == "Bindings" : allowed.contains(name)
                #expect(isAllowed, "\(path) imports \(name)")
            }
        }
        #expect(imported == module.dependencies)
    }

    @Test("the word unsafe stands in bindings only", arguments: modules.filter { $0.folder != "Bindings" })
    func unsafeCode(module: Module) throws {
        for (path, lines) in try Self.files(of: module) {
            for (index, line) in lines.enumerated() where !line.drop(while: { $0 == " " }).hasPrefix("//") {
                #expect(!line.contains("unsafe") && !line.contains("Unsafe"), "\(path):\(index + 1)")
            }
        }
    }

    /// Where the machine's clock and threads come in.
    private static let seams: Set<String> = [
        "KeyAuthenticator.swift", "Messenger.swift", "MessengerCore.swift", "ZeroMQTransport.swift",
        "GatewayWatch.swift",
    ]

    @Test(
        "nodes and messages have time and threads from their environment, never from the machine",
        arguments: modules.filter { $0.folder == "Nodes" || $0.name == "Messaging" })
    func seams(module: Module) throws {
        let machine = ["ContinuousClock.now", "SystemClock", "Task.sleep", "JobPool(", "NamedThread(", "waitForInput("]
        for (path, lines) in try Self.files(of: module)
        where !Self.seams.contains(String(path.split(separator: "/").last ?? "")) {
            for (number, line) in lines.enumerated() {
                #expect(!machine.contains { line.contains($0) }, "\(path):\(number + 1)")
            }
        }
    }

    /// Tests that wait for another process, or for what a socket of this machine brings.
    private static let waiting: Set<String> = [
        "ProcessTests", "TestSupport", "MessagingTests", "PlatformTests", "StorageTests", "ShardTests", "ClusterTests",
        "ObjectStoreTests", "HTTPServerTests", "ClientTests",
    ]

    @Test("no test sleeps but those that wait for another process or a socket")
    func sleeping() throws {
        let root = SharedData.packageRoot + "/Tests"
        let names = FileManager.default.enumerator(atPath: root)?.allObjects as? [String] ?? []
        for name in names where name.hasSuffix(".swift") && !name.hasPrefix("TidyTests") {
            guard !Self.waiting.contains(String(name.split(separator: "/").first ?? "")) else { continue }
            let text = try String(contentsOfFile: root + "/" + name, encoding: .utf8)
            #expect(!text.contains("Task.sleep") && !text.contains("Thread.sleep"), "\(name)")
        }
    }

    @Test("comments stay within 120 columns, but for tables", arguments: modules)
    func commentWidth(_ module: Module) throws {
        for (path, lines) in try Self.files(of: module) {
            for (number, line) in lines.enumerated()
            where line.count > 120 && line.contains(/^ *\/\/\/? *\S+( \S+)+$/) {
                Issue.record("\(path):\(number + 1) has \(line.count) columns")
            }
        }
    }

    @Test("nothing is forced, left open or trapped on purpose, and no file grows beyond 500 lines", arguments: modules)
    func traps(module: Module) throws {
        let forbidden = ["try!", " as! ", "fatalError(", "TODO", "FIXME", "XXX"]
        for (path, lines) in try Self.files(of: module) {
            #expect(lines.count <= 500, "\(path)")
            for (index, line) in lines.enumerated() {
                #expect(!forbidden.contains { line.contains($0) }, "\(path):\(index + 1)")
            }
        }
    }

    /// The metrics that the code of `modules` names.
    private static func metrics(_ modules: [Module]) throws -> Set<String> {
        var names: Set<String> = []
        for module in modules {
            for (_, lines) in try files(of: module) {
                for line in lines { names.formUnion(line.matches(of: /"(imprag_[a-z_]+)"/).map { String($0.1) }) }
            }
        }
        return names
    }

    @Test("docs/observability.md lists every metric, once, and imprag prints none that no node reports")
    func metricNames() throws {
        let reported = try Self.metrics(
            Self.modules.filter { $0.folder == "Nodes" || ["Cluster", "ObjectStore"].contains($0.name) })
        let text = try String(contentsOfFile: SharedData.packageRoot + "/docs/observability.md", encoding: .utf8)
        let listed = text.matches(of: /(?m)^\| `(imprag_[a-z_]+)/).map { String($0.1) }
        #expect(Set(listed) == reported && listed.count == reported.count && reported.count > 30)
        #expect(try Self.metrics(Self.modules.filter { $0.name == "imprag" }).isSubset(of: reported))
    }
}
