import Foundation
import TestSupport
import Testing

/// What a node does when its file descriptors run short.
struct DescriptorTests {
    @Test(
        "connections beyond what the open-file limit leaves room for are refused with a word, and every node serves on")
    func exhaustion() throws {
        let directory = try TemporaryDirectory()
        let (corpus, index, socket) = (directory.file("corpus.jsonl"), directory.file("index"), directory.file("up"))
        try Data(#"{"id":"a","text":"The capital of Peru is Lima."}"#.utf8).write(to: URL(filePath: corpus))
        let model = SharedData.packageRoot + "/Models/encyclopedia-tiny"
        let made = try Imprag.run([
            "index", "--model", model, "--corpus", corpus, "--out", index, "--partitions", "1",
        ])
        try #require(made.status == 0, "\(made.errors)")
        let up = try RunningProcess(
            "/bin/sh",
            [
                "-c", "ulimit -n 64; exec \"$0\" \"$@\"", Imprag.path, "up", "--model", model, "--index", index,
                "--endpoint", "ipc://" + socket,
            ])
        defer {
            up.kill(SIGINT)
            _ = try? up.wait(seconds: 10)
        }
        try #require(up.waits(seconds: 60) { $0.standardOutput.contains("ready") }, "\(up.standardError)")
        // Every kind of node, not the one alone that clients know.
        let sockets = up.standardError.split(separator: "\n").compactMap { line in
            line.range(of: " listens on ipc://").map { String(line[$0.upperBound...]) }
        }
        #expect(sockets.count == 3, "\(up.standardError)")
        let connections = sockets.flatMap { socket in (0..<100).compactMap { _ in UnixListener.connect(to: socket) } }
        for node in ["coordinator", "shard-0", "generator-0"] {
            let isSaid = up.waits(seconds: 10) { $0.standardError.contains("\(node): imprag: a connection is refused") }
            #expect(isSaid, "\(up.standardError)")
        }
        for connection in connections { close(connection) }
        let asked = try Imprag.run(["ask", "Where is Lima?", "--k", "1", "--endpoint", "ipc://" + socket])
        #expect(asked.status == 0, "\(asked.errors)")
        #expect(!up.standardError.contains("ended:"), "\(up.standardError)")
    }
}
