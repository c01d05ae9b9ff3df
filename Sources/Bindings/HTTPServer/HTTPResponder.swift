import Synchronization

/// Answers one request: with a response, or with a stream that is sent as it is fed. Any thread may do so.
///
/// If the last reference goes before there is an answer, the client gets 500; before a stream's end, it sees the
/// connection break.
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
    private let headers = Mutex<[String: String]>([:])

    init(_ connection: ServedConnection) {
        self.connection = connection
    }

    deinit {
        connection.abandon()
    }

    /// Adds headers to whatever the answer will have; those of the answer itself come first.
    public func add(headers more: [String: String]) {
        headers.withLock { $0.merge(more) { $1 } }
    }

    /// Answers. False when the client has gone, or there is an answer already.
    @discardableResult
    public func respond(_ response: HTTPServerResponse) -> Bool {
        var response = response
        response.headers.merge(headers.withLock(\.self)) { own, _ in own }
        return connection.answer(.response(response))
    }

    /// Begins a stream. False when the client has gone, or there is an answer already.
    ///
    /// - Parameter bytes: the first piece.
    @discardableResult
    public func stream(status: Int, headers: [String: String], _ bytes: [UInt8] = []) -> Bool {
        let more = self.headers.withLock(\.self)
        return connection.answer(.stream(status: status, headers: headers.merging(more) { own, _ in own }), bytes)
    }

    /// Sends a piece of the stream that was begun; it waits in memory until the client takes it.
    public func send(_ bytes: [UInt8]) -> Sent {
        connection.send(bytes)
    }

    /// Ends the stream after what was sent.
    public func finish() {
        connection.finish()
    }

    /// Calls `handler` once if the client goes away, or the server stops, before it has the whole answer; at once if
    /// that has happened. It must not block.
    public func onGone(_ handler: @escaping @Sendable () -> Void) {
        connection.onGone(handler)
    }
}
