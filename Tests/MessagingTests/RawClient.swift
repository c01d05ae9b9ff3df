import Core
import Wire
import ZeroMQ

@testable import Messaging

/// A client that sends whatever it likes, to see what a node makes of it. Owned by one thread at a time.
final class RawClient {
    private let socket: Socket

    /// - Parameters:
    ///   - routingID: what it claims to be; see `SocketOption.routingID`.
    ///   - key: whose holder it is.
    init(to endpoint: String, routingID: Int32? = nil, key: KeyFile? = nil) throws {
        let context = try Context()
        socket = try Socket(.dealer, in: context)
        try socket.set(.linger(1000), .receiveHighWater(10))
        if let routingID { try socket.set(.routingID(routingID)) }
        if let key {
            try socket.useCurve(asClientOf: key.serverKey, publicKey: key.publicKey, secretKey: key.secretKey)
        }
        try socket.connect(endpoint)
    }

    func send(_ envelope: Envelope) throws {
        try send([envelope.encoded()])
    }

    func send(_ frames: [[UInt8]]) throws {
        for (index, frame) in frames.enumerated() {
            guard try socket.send(Message(lending: frame), more: index + 1 < frames.count) else {
                throw ImpRAGError(.resourceExhausted, "the raw client's queue is full")
            }
        }
    }

    /// The next reply's envelope; throws after ten seconds without one.
    func receive() async throws -> Envelope {
        for _ in 0..<2000 {
            if let message = try socket.receive() {
                var hasMore = message.hasMore
                let frame = Frame(message)
                while hasMore, let next = try socket.receive() { hasMore = next.hasMore }
                return try Envelope(decoding: frame.numbers(UInt8.self))
            }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw ImpRAGError(.deadlineExceeded, "no reply in ten seconds")
    }
}
