import Cluster
import Core
import Foundation
import Platform
import Synchronization
import TestSupport
import Testing

/// The supervisor with real processes: a shell script plays the nodes.
@Suite(.serialized)
struct LocalClusterTests {
    private final class Log: Sendable {
        private let lines = Mutex<[String]>([])

        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    /// Writes a program that answers to `shard|coordinator|generator --config FILE --node NAME`.
    private func program(_ directory: TemporaryDirectory, _ body: String) throws -> String {
        let path = directory.file("node.sh")
        let text = directory.file("node.txt")
        try Data("#!/bin/sh\nrole=$1; file=$3; node=$5\n\(body)\n".utf8).write(to: URL(filePath: text))
        // By another process: what this one has open for writing, a process that another test starts just then has too,
        // and a file that is open for writing cannot be run.
        let copy = try Process.run(URL(filePath: "/bin/cp"), arguments: [text, path])
        copy.waitUntilExit()
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }

    /// How a cluster ended.
    private func run(
        _ executable: String, log: Log, onReady: @escaping @Sendable (String) -> Void
    ) async -> Result<Int32, ImpRAGError> {
        var plan = ClusterPlan(model: "/models/tiny", index: "index", partitionCount: 2)
        plan.stateBudget = ByteCount(2000)
        plan.states = StateSettings(codec: .int8, keepsHalf: true, codebooks: nil)
        do throws(ImpRAGError) {
            return .success(
                try await runCluster(plan, executable: executable, log: log.add) { endpoint, _ in onReady(endpoint) })
        } catch {
            return .failure(error)
        }
    }

    @Test(
        "all four nodes start with the same file, one call says that the cluster is ready, and SIGINT stops all of them"
    )
    func upAndDown() async throws {
        let directory = try TemporaryDirectory()
        let executable = try program(
            directory,
            """
            grep -q '"partitions" : 2' "$file" || exit 9
            test $(grep -c '"state_budget" : 1000$' "$file") = 2 || exit 8
            grep -q '"state_codec" : "int8"' "$file" && grep -q '"state_half" : true' "$file" || exit 7
            echo "$role $node works" >&2
            trap 'echo bye >&2; exit 0' INT
            echo "ready $node ipc:///x"
            if [ $role = coordinator ]; then echo "complete $node"; fi
            while :; do sleep 0.05; done
            """)
        let log = Log()
        let ready = Log()
        let result = await run(executable, log: log) { endpoint in
            ready.add(endpoint)
            kill(getpid(), SIGINT)
        }
        #expect(try result.get() == 0)
        #expect(ready.all == [Endpoint.defaultCoordinator])
        for (node, role) in [
            ("coordinator", "coordinator"), ("shard-0", "shard"), ("shard-1", "shard"), ("generator-0", "generator"),
        ] {
            let line = "\(role) \(node) works"
            // A line that begins with the node's name is not given it twice.
            #expect(log.all.contains(role == node ? line : "\(node): \(line)"))
            #expect(log.all.contains("\(node): bye"))
        }
    }

    @Test("a node that dies at start stops the others; the error has its name, its exit code and its last words")
    func deathAtStart() async throws {
        let directory = try TemporaryDirectory()
        let marker = directory.file("alive")
        let executable = try program(
            directory,
            """
            if [ $node = shard-1 ]; then echo "not_found: no partition 1" >&2; exit 3; fi
            echo $$ >> \(marker)
            echo "ready $node ipc:///x"
            while :; do sleep 0.05; done
            """)
        let result = await run(executable, log: Log()) { _ in Issue.record("it must not become ready") }
        let error = #expect(throws: ImpRAGError.self) { try result.get() }
        #expect(error?.code == .failedPrecondition)
        #expect(
            error?.message == "shard-1 ended while it started: exit code 3: not_found: no partition 1")
        let started = (try? String(contentsOfFile: marker, encoding: .utf8)) ?? ""
        for line in started.split(separator: "\n") {
            #expect(kill(try #require(Int32(line)), 0) != 0, "process \(line) outlived its cluster")
        }
    }

    @Test("a node that dies later is started again")
    func restart() async throws {
        let directory = try TemporaryDirectory()
        let marker = directory.file("died")
        let executable = try program(
            directory,
            """
            trap 'exit 0' INT
            echo "ready $node ipc:///x"
            if [ $role = coordinator ]; then echo "complete $node"; fi
            if [ $node = shard-0 ] && [ ! -e \(marker) ]; then
                # Ready first: what ends before that is a failed start.
                while [ ! -e \(directory.file("go")) ]; do sleep 0.02; done
                touch \(marker); kill -9 $$
            fi
            while :; do sleep 0.05; done
            """)
        let log = Log()
        let watcher = Mutex<NamedThread?>(nil)
        let result = await run(executable, log: log) { _ in
            _ = FileManager.default.createFile(atPath: directory.file("go"), contents: nil)
            watcher.withLock {
                $0 = try? NamedThread("watcher") {
                    for _ in 0..<1500 where !log.all.contains("up: shard-0 is ready again") {
                        _ = waitForInput(on: [], milliseconds: 20)
                    }
                    kill(getpid(), SIGINT)
                }
            }
        }
        #expect(try result.get() == 0)
        #expect(log.all.contains("up: shard-0 ended: signal 9 (SIGKILL); restarting it (1 of 3)"))
        #expect(log.all.contains("up: shard-0 is ready again"))
    }

    @Test("a program that is not there is said with its path")
    func missingProgram() async throws {
        let result = await run("/nonexistent/imprag", log: Log()) { _ in }
        let error = #expect(throws: ImpRAGError.self) { try result.get() }
        #expect(error?.message.contains("/nonexistent/imprag") == true)
    }
}
