import Foundation
import TestSupport
import Testing

/// A running `imprag up`, stopped with the value.
final class RunningCluster {
    let endpoint: String
    let process: RunningProcess

    /// Starts the cluster; with `ready`, waits until it serves. It serves HTTP only when `more` says where: the usual
    /// port is one for all.
    init(model: String, index: String, socket: String, _ more: [String] = [], ready: Bool = true) throws {
        endpoint = "ipc://" + socket
        let http = more.contains("--http") ? [] : ["--no-gateway"]
        process = try RunningProcess(
            Imprag.path, ["up", "--model", model, "--index", index, "--endpoint", endpoint] + http + more)
        guard ready else { return }
        let isReady = process.waits(seconds: 60) { $0.standardOutput.contains("ready") }
        try #require(isReady, "\(process.standardError)")
    }

    deinit {
        process.kill(SIGINT)
        _ = try? process.wait(seconds: 10)
    }

    func run(_ arguments: [String], input: String = "", seconds: Double = 60) throws -> Imprag.Outcome {
        try Imprag.run(arguments + ["--endpoint", endpoint], input: input, seconds: seconds)
    }

    /// Process ids of the cluster's children whose command line contains `text`.
    func children(_ text: String) throws -> [Int32] {
        let ps = try RunningProcess("/bin/ps", ["-o", "pid=,args=", "--ppid", String(process.identifier)])
        return try ps.wait(seconds: 10).output.split(separator: "\n").filter { $0.contains(text) }
            .compactMap { Int32($0.split(separator: " ")[0]) }
    }

    /// Kills a child with SIGKILL and waits until another does its work.
    func killAndAwait(_ node: String) throws {
        let child = try #require(try children(node).first)
        kill(child, SIGKILL)
        let end = Date(timeIntervalSinceNow: 20)
        while Date() < end {
            let rows = try run(["status"]).output.split(separator: "\n")
            let isBack = try children(node).contains { $0 != child }
            if isBack, rows.contains(where: { $0.hasPrefix(node) && $0.contains(" ready ") }) { return }
            Thread.sleep(forTimeInterval: 0.05)
        }
        Issue.record("\(node) did not come back: \(process.standardError)")
    }
}

/// What `imprag search --json` prints.
struct Found: Decodable {
    struct Passage: Decodable {
        let id: String
        let text: String
        let score: Float
    }
    let passages: [Passage]
    let complete: Bool

    var ids: [String] { passages.map(\.id) }

    init(_ outcome: Imprag.Outcome) throws {
        try #require(outcome.status == 0, "\(outcome.errors)")
        self = try JSONDecoder().decode(Found.self, from: Data(outcome.output.utf8))
    }
}
