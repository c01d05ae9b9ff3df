import Core
import Testing

struct EndpointTests {
    @Test(
        "what only this machine can reach is local",
        arguments: [
            "ipc:///run/imprag/shard-0", "tcp://127.0.0.1:7400", "tcp://127.9.9.9:1", "tcp://localhost:*",
            "tcp://[::1]:80",
        ])
    func local(text: String) throws {
        #expect(try Endpoint(text).isLocal)
    }

    @Test(
        "what other machines can reach is not",
        arguments: [
            "tcp://*:7400", "tcp://0.0.0.0:7400", "tcp://127.0.0.1.example:7400", "tcp://shard-0:7400", "tcp://[::]:1",
            "tcp://127.example.com:7400", "tcp://127.0.0.1.:1", "tcp://127.0.0.256:1", "tcp://127.1:1",
        ])
    func remote(text: String) throws {
        #expect(try !Endpoint(text).isLocal)
    }

    @Test(
        "what is no endpoint is refused",
        arguments: [
            "", "ipc://", "tcp://", "tcp://:1", "tcp://host", "tcp://host:", "tcp://host:0", "tcp://host:65536", "tcp:",
            "http://host:1", "inproc://x", "tcp://h:\u{0}1", "tcp://h h:1", "tcp://h:+1x",
            "ipc://" + String(repeating: "x", count: 108),
        ])
    func malformed(text: String) {
        let error = #expect(throws: ImpRAGError.self) { try Endpoint(text) }
        #expect(error?.code == .invalidArgument)
    }

    @Test("an endpoint is written as it was read; wildcards cannot be connected to")
    func text() throws {
        for text in ["tcp://localhost:7100", "tcp://*:7100", "tcp://[::1]:*", "ipc:///run/imprag/a b"] {
            #expect(try Endpoint(text).description == text)
            #expect(try Endpoint(text).isWildcard == text.contains("*"))
        }
        #expect(try Endpoint("ipc:///run/x").socketPath == "/run/x")
        #expect(try Endpoint("tcp://h:1").socketPath == nil)
    }
}
