/// Answers one request: with a response, or with a stream that is sent as it is fed. Any thread may do so.
///
/// If the last reference goes before there is an answer, the client gets 500; before a stream's end, it sees the connection break.
public final class HTTPResponder: Sendable {
    /// What became of a piece of a stream.
    public enum Sent: Sendable, Equatable {
        case accepted
        /// The client has gone, or the server stops: stop working for it.
        case gone
        /// The client took too little of what there was, and was cut off.
        case tooSlow
    }

    private let connection: ServedConnection

    init(_ connection: ServedConnection) {
        self.connection = connection
    }

    deinit {
        connection.abandon()
    }

    /// Answers. False when the client has gone, or there is an answer already.
    @discardableResult
    public func respond(_ response: HTTPServerResponse) -> Bool {
        connection.answer(.response(response))
    }

    /// Begins a stream. False when the client has gone, or there is an answer already.
    ///
    /// - Parameter bytes: the first piece.
    @discardableResult
    public func stream(status: Int, headers: [String: String], _ bytes: [UInt8] = []) -> Bool {
        connection.answer(.stream(status: status, headers: headers), bytes)
    }

    /// Sends a piece of the stream that was begun; it waits in memory until the client takes it.
    public func send(_ bytes: [UInt8]) -> Sent {
        connection.send(bytes)
    }

    /// Ends the stream after what was sent.
    public func finish() {
        connection.finish()
    }

    /// Calls `handler` once if the client goes away, or the server stops, before it has the whole answer; at once if that has
    /// happened. It must not block.
    public func onGone(_ handler: @escaping @Sendable () -> Void) {
        connection.onGone(handler)
    }
}
