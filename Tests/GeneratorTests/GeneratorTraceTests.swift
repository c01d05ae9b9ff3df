import Cluster
import Core
import Foundation
import Model
import SimulatedWorld
import Synchronization
import TestSupport
import Testing

@testable import Generator

/// What a trace says of a generator's share of an answer.
@Suite(.simulated) struct GeneratorTraceTests {
    private final class Lines: Sendable {
        let lines = Mutex<[String]>([])
    }

    @Test("a sampled answer has spans for its passages' tokens, for their states and for reading, one after the other")
    func spans() async throws {
        let lines = Lines()
        let tracer = try Tracer(
            node: "writer", role: .generator, share: 0, seed: 1, clock: NodeEnvironment.inTest.clock,
            write: { line in
                lines.lines.withLock { $0.append(line) }
                return true
            })
        var random = SeededGenerator(seed: 4)
        let question = ModelGenerator.Question(
            tokens: try ModelGenerator.prompt(9, &random), k: 2,
            passages: [9, 14].map { ModelGenerator.passage($0, &random) })
        let node = try ModelGenerator(shard: try FakeShard(), tracer: tracer)
        let replies = try node.stream(
            question, ModelGenerator.state(of: question),
            trace: TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
        _ = try await ModelGenerator.rest(of: replies)
        #expect(node.stop())
        tracer.stop()
        let line = try #require(lines.lines.withLock { $0.first })
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        let resources = object?["resourceSpans"] as? [[String: Any]]
        let scopes = resources?.first?["scopeSpans"] as? [[String: Any]]
        let spans = scopes?.first?["spans"] as? [[String: Any]] ?? []
        #expect(spans.compactMap { $0["name"] as? String } == ["generate", "tokenize", "states", "read"])
        func times(_ name: String) -> [Int] {
            spans.filter { $0["name"] as? String == name }.flatMap { span in
                ["startTimeUnixNano", "endTimeUnixNano"].compactMap { (span[$0] as? String).flatMap { Int($0) } }
            }
        }
        let inOrder = ["tokenize", "states", "read"].flatMap(times)
        #expect(inOrder.count == 6 && inOrder == inOrder.sorted())
    }
}
