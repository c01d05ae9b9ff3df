import Foundation
import TestSupport
import Testing

/// What nodes do when their file descriptors run short.
@Suite(.serialized) final class DescriptorTests {
    private let directory: TemporaryDirectory
    private let up: RunningProcess
    private let endpoint: String

    /// A cluster of one node of each kind, each of which may open 64 files.
    init() throws {
        directory = try TemporaryDirectory()
        let (corpus, index) = (directory.file("corpus.jsonl"), directory.file("index"))
        endpoint = "ipc://" + directory.file("up")
        try Data(#"{"id":"a","text":"The capital of Peru is Lima."}"#.utf8).write(to: URL(filePath: corpus))
        let model = SharedData.packageRoot + "/Models/encyclopedia-tiny"
        let made = try Imprag.run([
            "index", "--model", model, "--corpus", corpus, "--out", index, "--partitions", "1",
        ])
        try #require(made.status == 0, "\(made.errors)")
        up = try RunningProcess(
            "/bin/sh",
            [
                "-c", "ulimit -S -n 64; ulimit -H -n 64; exec \"$0\" \"$@\"", Imprag.path, "up", "--model", model,
                "--index", index, "--endpoint", endpoint, "--no-gateway",
            ])
        try #require(up.waits(seconds: 60) { $0.standardOutput.contains("ready") }, "\(up.standardError)")
    }

    deinit {
        up.kill(SIGINT)
        _ = try? up.wait(seconds: 10)
    }

    /// Where its nodes listen, those that clients do not know too.
    private var sockets: [String] {
        up.standardError.split(separator: "\n").compactMap { line in
            line.range(of: " listens on ipc://").map { String(line[$0.upperBound...]) }
        }
    }

    private func expectService() throws {
        let asked = try Imprag.run(["ask", "Where is Lima?", "--k", "1", "--endpoint", endpoint])
        #expect(asked.status == 0, "\(asked.errors)")
        #expect(!up.standardError.contains("ended:"), "\(up.standardError)")
    }

    @Test(
        "connections beyond what the open-file limit leaves room for are refused with a word, and every node serves on")
    func tooMany() throws {
        #expect(sockets.count == 3, "\(up.standardError)")
        let connections = sockets.flatMap { socket in (0..<100).compactMap { _ in UnixListener.connect(to: socket) } }
        for node in ["coordinator", "shard-0", "generator-0"] {
            let isSaid = up.waits(seconds: 10) { $0.standardError.contains("\(node): imprag: a connection is refused") }
            #expect(isSaid, "\(up.standardError)")
        }
        for connection in connections { close(connection) }
        try expectService()
    }

    @Test("a node whose own files have used up all descriptors refuses connections, and serves again when it has some")
    func exhausted() throws {
        let ps = try RunningProcess("/bin/ps", ["-o", "pid=", "--ppid", String(up.identifier)])
        let nodes = try ps.wait(seconds: 10).output.split(whereSeparator: \.isWhitespace).map(String.init)
        #expect(nodes.count == 3)
        func limit(to count: Int) throws {
            for node in nodes {
                let set = try RunningProcess("/usr/bin/prlimit", ["--pid", node, "--nofile=\(count):64"])
                #expect(try set.wait(seconds: 10).status == 0)
            }
        }
        // Below what they have open: as if all others were in use, too.
        try limit(to: 10)
        let connections = sockets.flatMap { socket in (0..<20).compactMap { _ in UnixListener.connect(to: socket) } }
        for node in ["coordinator", "shard-0", "generator-0"] {
            let isSaid = up.waits(seconds: 10) { $0.standardError.contains("\(node): imprag: a connection is refused") }
            #expect(isSaid, "\(up.standardError)")
        }
        try limit(to: 64)
        for connection in connections { close(connection) }
        try expectService()
    }
}
