import Core
import Foundation
import ObjectStore
import Synchronization

/// `s3_stand_in.py`, running until `stop`.
final class StandIn: Sendable {
    let port: Int
    private let input: Pipe
    private let process: Process

    static let folder = URL(filePath: #filePath).deletingLastPathComponent()

    init(_ arguments: String...) throws {
        process = Process()
        process.executableURL = URL(
            filePath: ProcessInfo.processInfo.environment["IMPRAG_PYTHON"] ?? "/usr/bin/python3")
        process.arguments = [Self.folder.appending(path: "s3_stand_in.py").path(percentEncoded: false)] + arguments
        input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line = Data()
        while line.last != UInt8(ascii: "\n"), let byte = try output.fileHandleForReading.read(upToCount: 1),
            !byte.isEmpty
        {
            line += byte
        }
        guard let port = Int(String(decoding: line.dropLast(), as: UTF8.self)) else {
            throw ImpRAGError(.internal, "the stand-in for S3 did not say its port")
        }
        self.port = port
    }

    func stop() {
        process.terminate()
    }

    static let keys = ["AWS_ACCESS_KEY_ID": "test-key", "AWS_SECRET_ACCESS_KEY": "test-secret"]

    var endpoint: String { "http://127.0.0.1:\(port)" }

    func store(
        _ path: String = "bucket/a/b", _ environment: [String: String] = keys
    ) throws -> any ObjectStore {
        try openObjectStore("s3://\(path)?endpoint=\(endpoint)", environment: environment)
    }
}

extension Deadline {
    /// Long: a busy machine is slow.
    static var soon: Deadline { .after(milliseconds: 60_000) }
}

extension ObjectStore {
    /// A small object's bytes.
    func bytes(_ key: String) throws -> [UInt8]? { try get(ObjectKey(key), limit: 1 << 20, deadline: .soon)?.bytes }

    func put(_ bytes: [UInt8], _ key: String, _ condition: PutCondition = .always) throws -> PutOutcome {
        try put(bytes, as: ObjectKey(key), if: condition, deadline: .soon)
    }
}
