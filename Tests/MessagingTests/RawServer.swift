import Core
import Wire
import ZeroMQ

/// A ROUTER that answers whatever it likes. Owned by one thread at a time.
final class RawServer {
    private let socket: Socket

    init(at endpoint: String) throws {
        let context = try Context()
        socket = try Socket(.router, in: context)
        try socket.set(.linger(0))
        try socket.bind(endpoint)
    }

    /// The next request that is not a cancel, and who sent it; throws after ten seconds without one.
    func receive() async throws -> (routingID: [UInt8], envelope: Envelope) {
        for _ in 0..<2000 {
            guard let identity = try socket.receive(), let first = try socket.receive() else {
                try await Task.sleep(for: .milliseconds(5))
                continue
            }
            var hasMore = first.hasMore
            let frame = Frame(first)
            while hasMore, let next = try socket.receive() { hasMore = next.hasMore }
            let envelope = try Envelope(decoding: frame.numbers(UInt8.self))
            if envelope.body == .request(.cancel) { continue }
            return (Frame(identity).numbers(), envelope)
        }
        throw ImpRAGError(.deadlineExceeded, "no request in ten seconds")
    }

    func send(_ routingID: [UInt8], _ frames: [[UInt8]]) throws {
        _ = try socket.send(Message(lending: routingID), more: true)
        for (index, frame) in frames.enumerated() {
            _ = try socket.send(Message(lending: frame), more: index + 1 < frames.count)
        }
    }
}
