import Core
import ZeroMQ

/// Bytes on a plain TCP connection.
enum RawTCP {
    /// Connects to `endpoint`, sends `bytes` and closes.
    static func send(_ bytes: [UInt8], to endpoint: String) throws {
        let socket = try Socket(.stream, in: Context())
        try socket.set(.linger(1000))
        try socket.connect(endpoint)
        var poller = Poller()
        let index = poller.add(socket)
        try poller.wait(milliseconds: 10_000)
        // A STREAM socket reports a new connection as its routing id and an empty frame.
        guard poller.isReadable(index), let identity = try socket.receive() else {
            throw ImpRAGError(.unavailable, "cannot connect to \(endpoint)")
        }
        _ = try socket.send(Message(lending: Frame(identity).numbers(UInt8.self)), more: true)
        _ = try socket.send(Message(lending: bytes), more: false)
    }
}
