import Core
import Foundation
import Messaging
import TestSupport
import Testing
import Wire

/// `Examples/python/ask.py` against a coordinator that answers from a script.
@Suite(
    .serialized, .timeLimit(.minutes(20)),
    .enabled(if: Python.isReady, "needs protoc and a python3 (or IMPRAG_PYTHON) with pyzmq and protobuf"))
struct PythonClientTests {
    @Test("the client prints the answer and its sources")
    func answer() async throws {
        let coordinator = try FakeCoordinator()
        defer { coordinator.stop() }
        let result = try await Python.run("Examples/python/ask.py", coordinator.endpoint, "Q")
        #expect(
            result.output == """
                Nairobi – 東京
                5 tokens in 12.3 ms
                  1. Kenya  score 12.50  attention 0.750
                  2. Limmat (Zürich)  score 3.25  attention 0.125

                """)
        #expect(result.status == 0, "\(result.errors)")
    }

    @Test("the client says what the cluster says when that fails, and where")
    func failure() async throws {
        let coordinator = try FakeCoordinator()
        defer { coordinator.stop() }
        let result = try await Python.run("Examples/python/ask.py", coordinator.endpoint, "fail")
        #expect(result.status == 1)
        #expect(result.errors == "unavailable: shard-1 does not answer (shard-1)\n")
    }

    @Test("the client goes to the next coordinator, and an answer that had begun goes on there")
    func failover() async throws {
        let starting = try FakeCoordinator(isStarting: true)
        let first = try FakeCoordinator { $0.fail(ImpRAGError(.unavailable, "it stops")) }
        let second = try FakeCoordinator { request in
            for (index, word) in FakeCoordinator.words.enumerated() {
                request.reply(.token(AnswerToken(text: word, token: Int32(index), logprob: -0.5)), more: true)
            }
            request.reply(.askDone(FakeCoordinator.done))
        }
        defer { for coordinator in [starting, first, second] { coordinator.stop() } }
        let endpoints = [first.endpoint + "x", starting.endpoint, first.endpoint, second.endpoint]
            .joined(separator: ",")
        let result = try await Python.run("Examples/python/ask.py", endpoints, "Q")
        #expect(result.status == 0 && result.output.hasPrefix("Nairobi"), "\(result.errors)")
        #expect(starting.requestCount.value == 1 && second.requestCount.value == 0)
        let half = try await Python.run("Examples/python/ask.py", endpoints, "half")
        #expect(half.status == 0 && half.output.hasPrefix("Nairobi – 東京\n"), "\(half.errors)")
        #expect(half.output.contains("  2. Limmat"))
        #expect(second.requestCount.value == 1)
    }

    @Test("the client leaves a coordinator that hangs before its deadline is over")
    func hangs() async throws {
        let hung = try HungCoordinator()
        let serving = try FakeCoordinator()
        defer { serving.stop() }
        let result = try await Python.run(
            "Examples/python/ask.py", hung.endpoint + "," + serving.endpoint, "Q", "8000")
        #expect(result.status == 0 && result.output.hasPrefix("Nairobi"), "\(result.errors)")
        withExtendedLifetime(hung) {}
    }

    @Test("the client's updates bring back their epoch, and what they did when they wait until it is found")
    func updates() async throws {
        let coordinator = try FakeCoordinator()
        defer { coordinator.stop() }
        let result = try await Python.run(
            "-c",
            """
            import sys
            sys.path.insert(0, "Examples/python")
            from ask import delete, pb, upsert
            passages = [{"id": i, "text": "t", "metadata": [{"field": "n", "number": 1}]} for i in "abc"]
            for wait in pb.DURABLE, pb.FOUND:
                reply = upsert(sys.argv[1], passages, wait=wait)
                print(reply.epoch, reply.found, reply.inserted, reply.replaced)
                reply = delete(sys.argv[1], ["a", "b"], wait=wait)
                print(reply.epoch, reply.found, reply.deleted)
            """, coordinator.endpoint)
        #expect(result.output == "7 False 0 0\n8 False 0\n7 True 2 1\n8 True 2\n", "\(result.errors)")
        #expect(result.status == 0)
    }

    @Test("the client gives up at its deadline, and so does the cluster")
    func deadline() async throws {
        let (requests, sink) = AsyncStream.makeStream(of: IncomingRequest.self)
        let coordinator = try FakeCoordinator { sink.yield($0) }
        defer { coordinator.stop() }
        let result = try await Python.run("Examples/python/ask.py", coordinator.endpoint, "hang", "300")
        #expect(result.status == 1)
        #expect(result.errors.hasPrefix("deadline_exceeded: "))
        var iterator = requests.makeAsyncIterator()
        let request = try #require(await iterator.next())
        #expect(await isCancelled(request))
    }
}

/// Runs Python programs of this repository.
private enum Python {
    static let interpreter = ProcessInfo.processInfo.environment["IMPRAG_PYTHON"] ?? "python3"

    static let isReady: Bool = {
        let check = Process()
        check.executableURL = URL(filePath: "/usr/bin/env")
        check.arguments = ["sh", "-c", "command -v protoc && \(interpreter) -c 'import zmq, google.protobuf'"]
        check.standardOutput = FileHandle.nullDevice
        check.standardError = FileHandle.nullDevice
        guard (try? check.run()) != nil else { return false }
        check.waitUntilExit()
        return check.terminationStatus == 0
    }()

    static func run(_ arguments: String...) async throws -> (status: Int32, output: String, errors: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [interpreter] + arguments
        process.currentDirectoryURL = URL(filePath: SharedData.packageRoot)
        process.environment = ProcessInfo.processInfo.environment.merging(["PYTHONIOENCODING": "utf-8"]) { $1 }
        let output = Pipe()
        let errors = Pipe()
        process.standardOutput = output
        process.standardError = errors
        // What these programs print fits into the pipes, so it can be read after their end.
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do {
                try process.run()
            } catch {
                continuation.resume(throwing: error)
            }
        }
        return (
            process.terminationStatus, String(decoding: output.fileHandleForReading.availableData, as: UTF8.self),
            String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
        )
    }
}
