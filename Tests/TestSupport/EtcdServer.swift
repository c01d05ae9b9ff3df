import Foundation

/// A real etcd of one member, as a process of its own on ports of this machine. It is Debian's `etcd-server`; tests
/// that need it are skipped where it is not installed.
public final class EtcdServer {
    public static let path = "/usr/bin/etcd"
    public static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }
    public static let need = "needs an etcd: apt-get install etcd-server"

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    public let endpoint: String
    private let arguments: [String]
    private let directory: TemporaryDirectory
    private var process: RunningProcess?

    public init() throws {
        directory = try TemporaryDirectory()
        // Below those that the system gives out by itself.
        let port = Int.random(in: 10_000..<16_000) * 2
        endpoint = "http://127.0.0.1:\(port)"
        let peers = "http://127.0.0.1:\(port + 1)"
        arguments = [
            "--data-dir", directory.file("etcd"), "--listen-client-urls", endpoint,
            "--advertise-client-urls", endpoint, "--listen-peer-urls", peers,
            "--initial-advertise-peer-urls", peers, "--initial-cluster", "default=\(peers)",
        ]
        try start()
    }

    deinit { kill() }

    /// Starts it, again with what it had.
    public func start() throws {
        let process = try RunningProcess(Self.path, arguments)
        self.process = process
        let isReady = process.waits(seconds: 20) {
            $0.standardError.contains("ready to serve client requests") || $0.standardOutput.contains("ready to serve")
        }
        guard isReady else { throw Failure(description: process.standardError) }
    }

    public func kill() {
        process?.kill(SIGKILL)
        _ = try? process?.wait(seconds: 10)
        process = nil
    }

    public func signal(_ number: Int32) { process?.kill(number) }

    /// Calls the JSON gateway, as curl would.
    @discardableResult
    public func call(_ path: String, _ body: String) throws -> String {
        let outcome = try RunningProcess(
            "/usr/bin/env", ["curl", "-sS", "--max-time", "5", endpoint + path, "-d", body]
        ).wait(seconds: 10)
        guard outcome.status == 0 else { throw Failure(description: outcome.errors) }
        return outcome.output
    }
}
