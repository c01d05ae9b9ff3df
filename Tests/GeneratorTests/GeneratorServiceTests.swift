import Cluster
import Core
import Messaging
import SimulatedWorld
import Synchronization
import Testing
import Wire

@testable import Generator

@Suite(.simulated) struct GeneratorServiceTests {
    private func error(_ body: () async throws(ImpRAGError) -> Void) async -> ImpRAGError? {
        do throws(ImpRAGError) {
            try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test("an answer is streamed token by token and ends with its figures; the state arrives as it was sent")
    func stream() async throws {
        let node = try FakeGenerator()
        let (text, done) = try await node.generate()
        #expect(text == "1.0 1.1 1.2 1.3 1.4 ")
        #expect(done?.end == .length)
        #expect(done?.generatedTokenCount == 5)
        #expect(done?.passageAttention == [0.5, 0.5])
        let begun = node.engine.begun.withLock { $0 }
        #expect(begun.map(\.tokens) == [[0, 1]])
        #expect(begun.map(\.hidden) == [[1, 2, 3, 4, 5, 6]])
        #expect(begun.map(\.encoding) == [.segmented])
        #expect(node.stop())
    }

    @Test("tokens say what they looked at, when a request asks for it")
    func tokenAttention() async throws {
        let node = try FakeGenerator()
        for isWanted in [false, true] {
            var request = FakeGenerator.request(1, maxTokens: 3)
            request.measuresTokens = isWanted
            let replies = try node.stream(request)
            var attention: [[Float]] = []
            while let reply = try await replies.next() {
                if case .token(let token) = reply.body { attention.append(token.passageAttention) }
            }
            #expect(attention == Array(repeating: isWanted ? [0.5, 0.5] : [], count: 3))
        }
        #expect(node.stop())
    }

    @Test("a cancelled answer stops within a step, and its neighbour continues")
    func cancel() async throws {
        SimulatedTest.current?.world.jobMilliseconds["generate"] = 10...10
        let node = try FakeGenerator()
        let doomed = try node.stream(FakeGenerator.request(1, maxTokens: 900))
        let other = try node.stream(FakeGenerator.request(2, maxTokens: 200))
        for _ in 0..<5 { #expect(try await doomed.next() != nil) }
        doomed.cancel()
        var tokens = 0
        while let reply = try await other.next() {
            if case .token = reply.body { tokens += 1 }
        }
        #expect(tokens == 200)
        // Five were read; the cancel's way and the step in progress account for the rest.
        #expect(node.engine.steps.withLock { $0.count { $0 == 1 } } <= 8)
        #expect(node.stop())
    }

    @Test("an answer past its deadline is dropped within a step, and its client is told")
    func deadline() async throws {
        SimulatedTest.current?.world.jobMilliseconds["generate"] = 10...10
        let node = try FakeGenerator()
        let late = await error { () async throws(ImpRAGError) in
            _ = try await node.generate(FakeGenerator.request(1, maxTokens: 500), milliseconds: 300)
        }
        #expect(late?.code == .deadlineExceeded)
        #expect(try await node.generate(FakeGenerator.request(2)).done?.generatedTokenCount == 5)
        #expect((25...31).contains(node.engine.steps.withLock { $0.count { $0 == 1 } }))
        #expect(node.stop())
    }

    @Test("beyond the places and the queue, requests are refused")
    func full() async throws {
        SimulatedTest.current?.world.jobMilliseconds["generate"] = 100...100
        let node = try FakeGenerator(activeRequests: 1, queue: 1)
        let results = await withTaskGroup(of: ErrorCode?.self) { group in
            for name in 1...5 {
                group.addTask {
                    await self.error { () async throws(ImpRAGError) in
                        _ = try await node.generate(FakeGenerator.request(Int32(name)))
                    }?.code
                }
            }
            return await group.reduce(into: [ErrorCode?]()) { $0.append($1) }
        }
        #expect(results.contains(.resourceExhausted) && results.contains(nil))
        #expect(results.allSatisfy { $0 == nil || $0 == .resourceExhausted })
        #expect(node.stop())
    }

    @Test("a request that cannot be answered in time is refused at once, and told when to come back")
    func notInTime() async throws {
        let world = try #require(SimulatedTest.current?.world)
        world.jobMilliseconds["generate"] = 10...10
        let node = try FakeGenerator(activeRequests: 1)
        // How long answers take.
        for _ in 0..<6 { _ = try await node.generate(FakeGenerator.request(1, maxTokens: 10)) }
        let long = try node.stream(FakeGenerator.request(2, maxTokens: 100))
        for _ in 0..<3 { #expect(try await long.next() != nil) }
        let start = world.now
        let refused = await error { () async throws(ImpRAGError) in
            _ = try await node.generate(FakeGenerator.request(3, maxTokens: 10), milliseconds: 100)
        }
        #expect(refused?.code == .resourceExhausted)
        #expect(refused?.message.contains("try again in ") == true, "\(refused?.message ?? "")")
        #expect(world.now - start < .milliseconds(50))
        while try await long.next() != nil {}
        #expect(try await node.generate(FakeGenerator.request(4)).done != nil)
        #expect(!node.engine.steps.withLock { $0.contains(3) })
        #expect(node.stop())
    }

    @Test("when memory runs short, answers are suspended and resume: none is lost, none changes")
    func suspension() async throws {
        // Each may grow to 200 bytes, and there are 300 for four.
        let node = try FakeGenerator(memory: 300)
        let texts = try await withThrowingTaskGroup(of: (Int32, String).self) { group in
            for name in Int32(1)...6 {
                group.addTask { (name, try await node.generate(FakeGenerator.request(name, maxTokens: 20)).text) }
            }
            var texts: [Int32: String] = [:]
            for try await (name, text) in group { texts[name] = text }
            return texts
        }
        for name in Int32(1)...6 {
            #expect(texts[name] == (0..<20).map { "\(name).\($0) " }.joined())
        }
        #expect(node.server.metrics.samples.total("imprag_suspensions_total") ?? 0 > 0)
        #expect(node.server.metrics.samples.total("imprag_waiting_requests") == 0)
        #expect(node.stop())
    }

    @Test("an answer that could never fit is refused with what it needs and what there is")
    func neverFits() async throws {
        let node = try FakeGenerator(memory: 100)
        let refused = await error { () async throws(ImpRAGError) in
            _ = try await node.generate(FakeGenerator.request(1, maxTokens: 11))
        }
        #expect(refused?.code == .resourceExhausted)
        #expect(refused?.message.contains("110 B") == true && refused?.message.contains("100 B") == true)
        #expect(try await node.generate(FakeGenerator.request(2, maxTokens: 10)).done?.generatedTokenCount == 10)
        #expect(node.stop())
    }

    @Test("an answer that fails, at its beginning or later, reports it, and the generator keeps serving")
    func failing() async throws {
        let node = try FakeGenerator()
        let unreadable = await error { () async throws(ImpRAGError) in
            _ = try await node.generate(FakeGenerator.request(99))
        }
        #expect(unreadable?.code == .dataLoss)
        let broken = await error { () async throws(ImpRAGError) in
            _ = try await node.generate(FakeGenerator.request(98))
        }
        #expect(broken?.code == .internal)
        #expect(try await node.generate().done != nil)
        #expect(node.stop())
    }

    @Test("states of another model are refused with both fingerprints")
    func otherModel() async throws {
        let node = try FakeGenerator()
        let foreign = await error { () async throws(ImpRAGError) in
            _ = try await node.generate(fingerprint: FakeGenerator.otherModel)
        }
        #expect(foreign?.code == .failedPrecondition)
        #expect(foreign?.message.contains(FakeGenerator.model.description) == true)
        #expect(foreign?.message.contains(FakeGenerator.otherModel.description) == true)
        let missing = await error { () async throws(ImpRAGError) in _ = try await node.generate(fingerprint: nil) }
        #expect(missing?.code == .invalidArgument)
        #expect(node.stop())
    }

    @Test("requests that do not fit the model are refused, saying what would, and the generator keeps serving")
    func hostile() async throws {
        let node = try FakeGenerator()
        var empty = FakeGenerator.request()
        empty.promptTokens = []
        var foreignToken = FakeGenerator.request()
        foreignToken.promptTokens = [0, 100]
        var wideTensors = FakeGenerator.tensors
        wideTensors[0] = Tensor([Float](repeating: 1, count: 8), shape: [2, 4])
        var infinite = FakeGenerator.tensors
        infinite[1] = Tensor([1, .infinity, 3, 4], shape: [1, 2, 2])
        let cases: [(GenerateRequest, [Tensor], String)] = [
            (empty, FakeGenerator.tensors, "no prompt tokens"),
            (foreignToken, FakeGenerator.tensors, "100 is no token; the model has 100"),
            (FakeGenerator.request(k: 1), FakeGenerator.tensors, "2 passages, but the prompt was made for k = 1"),
            (FakeGenerator.request(k: 100), FakeGenerator.tensors, "do not fit the model's 1000 positions"),
            (FakeGenerator.request(k: 4_000_000_000), FakeGenerator.tensors, "do not fit the model's 1000 positions"),
            (FakeGenerator.request(maxTokens: nil), FakeGenerator.tensors, "max_tokens is missing"),
            (FakeGenerator.request(maxTokens: 0), FakeGenerator.tensors, "max_tokens is 0"),
            (FakeGenerator.request(maxTokens: 979), FakeGenerator.tensors, "leave 978"),
            (FakeGenerator.request(), wideTensors, "hidden states came as float32[2, 4]; float32[2, 3] is needed"),
            (FakeGenerator.request(), infinite, "the keys hold a number that is not finite"),
            (FakeGenerator.request(), [], "0 tensors; hidden states, keys and values are needed"),
        ]
        for (request, tensors, reason) in cases {
            let failed = await error { () async throws(ImpRAGError) in
                _ = try await node.generate(request, tensors: tensors)
            }
            #expect(failed?.code == .invalidArgument)
            #expect(failed?.message.contains(reason) == true, "\(failed?.message ?? "")")
        }
        #expect(try await node.generate().done != nil)
        #expect(node.stop())
    }

    @Test("stopping ends answers in progress at once and tells their callers")
    func stopping() async throws {
        let node = try FakeGenerator()
        let replies = try node.stream(FakeGenerator.request(1, maxTokens: 900))
        #expect(try await replies.next() != nil)
        #expect(node.server.stop(milliseconds: 5000))
        let ended = await error { () async throws(ImpRAGError) in
            while try await replies.next() != nil {}
        }
        #expect(ended != nil || node.engine.steps.withLock { $0.count } == 900)
        #expect(node.stop())
    }
}
