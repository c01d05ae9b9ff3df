package import Core
package import Wire

/// Carries messages between nodes. A messenger keeps the calls and requests, its transport the connections.
///
/// `ZeroMQTransport` is the real one; the simulation brings one that loses, delays, duplicates and reorders messages.
/// One thread of the transport, the *owner*, runs the messenger's `Exchange`. Any thread may call this protocol's
/// methods.
package protocol Transport: AnyObject, Sendable {
    /// Whether it carries envelopes as bytes; a transport within a process may carry them as values.
    var carriesBytes: Bool { get }

    /// Listens at `endpoint` as the server `number`; requests come once the owner has adopted it.
    ///
    /// - Returns: the endpoint, with the actual port.
    func bind(_ number: Int, to endpoint: Endpoint) throws(ImpRAGError) -> String

    /// Begins to connect to `endpoint` as the connection `number`; news of it comes once the owner has adopted it.
    ///
    /// - Parameter name: what messages call the peer.
    func open(_ number: Int, to endpoint: Endpoint, name: String) throws(ImpRAGError)

    /// Makes the owner call `Exchange.work` soon.
    func wake()

    /// Starts the owner, which makes the exchange and runs it until its `work` returns false.
    func start(_ make: @escaping @Sendable (any Connections) -> Exchange) throws(ImpRAGError)

    /// Waits until the owner has ended.
    func join()

    /// Who is at the other end of a connection to a server.
    ///
    /// - Throws: `unauthenticated` when it may no longer be there.
    func caller(of client: ClientKey) throws(ImpRAGError) -> Caller
}

extension Transport {
    package func caller(of client: ClientKey) throws(ImpRAGError) -> Caller { .local }
}

/// A transport's sockets, or what it has in their place. Called only by the owner.
package protocol Connections: AnyObject {
    func adopt(server number: Int)
    func adopt(connection number: Int)

    /// Ends a connection, after what was sent on it.
    func close(connection number: Int)

    /// Sends a reply.
    func send(_ message: OutgoingMessage, to client: ClientKey) -> Delivery

    /// Sends a request on an established connection.
    func send(_ message: OutgoingMessage, on connection: Int) -> Delivery

    /// Tries again to connect a connection that was denied.
    func reconnect(connection number: Int)

    /// From now on does the work of `source`, too, instead of another one's.
    func drive(_ source: EventSource)

    /// Closes all connections once what was sent is flushed.
    func shutDown()
}

extension Connections {
    package func drive(_ source: EventSource) { preconditionFailure("nothing here waits for descriptors") }
    package func reconnect(connection number: Int) {}
}

/// What became of a message.
package enum Delivery: Sendable {
    case sent
    /// Too many messages wait for that connection already.
    case full
    /// Nobody is there.
    case unreachable
}

/// What happened to a connection to a peer.
package enum ConnectionNews: Sendable {
    /// Somebody listens there; the handshake follows.
    case reached
    /// Nobody listens there.
    case refused
    /// The handshake is complete.
    case connected
    /// Everything received before has been passed to the exchange.
    case lost
    /// The peer refuses to talk to us, for a reason that follows its endpoint in a sentence. Nothing more happens until
    /// `Connections.reconnect`.
    case denied(String)
}

/// A message to be sent.
package struct OutgoingMessage: Sendable {
    package enum Head: Sendable {
        case bytes([UInt8])
        /// Indirect, as below: messages are handed on by value, and an envelope has many fields.
        indirect case envelope(Envelope)
    }

    package let head: Head
    package let tensors: [Tensor]

    init(_ envelope: Envelope, tensors: [Tensor] = [], for transport: any Transport) {
        head = transport.carriesBytes ? .bytes(envelope.encoded()) : .envelope(envelope)
        self.tensors = tensors
    }

    /// Bytes of the envelope; 0 for a value.
    var headCount: Int {
        if case .bytes(let bytes) = head { bytes.count } else { 0 }
    }

    var byteCount: Int { tensors.reduce(headCount) { $0 + $1.description.byteCount } }
}

/// Why a message lost its last frames.
package enum Excess: Sendable {
    /// It has more than a message may have.
    case frames
    /// All its frames together have `bytes`.
    case bytes(Int, limit: Int)
}

/// A message as received.
package enum IncomingMessage: Sendable {
    /// - Parameter excess: what was dropped of it, so that it can still be answered.
    case frames(envelope: any ReceivedFrame, tensors: [any ReceivedFrame], excess: Excess?)
    indirect case values(Envelope, [Tensor])

    /// Bytes of the envelope; 0 for a value.
    var headCount: Int {
        if case .frames(let envelope, _, _) = self { envelope.byteCount } else { 0 }
    }

    /// The envelope, read and checked; see `Envelope.init(decoding:limit:)`.
    func envelope(limit: Int) -> Result<Envelope, DecodingFailure> {
        switch self {
        case .values(let envelope, _): .success(envelope)
        case .frames(let frame, _, _):
            Result { () throws(DecodingFailure) in
                try frame.withBytes { bytes throws(DecodingFailure) in try Envelope(decoding: bytes, limit: limit) }
            }
        }
    }

    /// The tensors that `descriptions` announce. Throws `invalidArgument` unless the frames are exactly those.
    func tensors(_ descriptions: [TensorDescription]) throws(ImpRAGError) -> [Tensor] {
        switch self {
        case .values(_, let tensors): tensors
        case .frames(_, let frames, let excess): try Tensor.received(descriptions, frames, excess)
        }
    }
}

extension Tensor {
    fileprivate static func received(
        _ descriptions: [TensorDescription], _ frames: [any ReceivedFrame], _ excess: Excess?
    ) throws(ImpRAGError) -> [Tensor] {
        if case .bytes(let bytes, let limit) = excess {
            throw ImpRAGError(
                .invalidArgument, "the message's frames have \(bytes) bytes together; \(limit) are allowed")
        }
        guard descriptions.count == frames.count, excess == nil else {
            let count = excess == nil ? "\(frames.count)" : "more than \(frames.count)"
            throw ImpRAGError(
                .invalidArgument,
                "the envelope announces \(descriptions.count) tensors, but \(count) frames follow it")
        }
        var tensors: [Tensor] = []
        for (index, (description, frame)) in zip(descriptions, frames).enumerated() {
            guard description.byteCount == frame.byteCount else {
                throw ImpRAGError(
                    .invalidArgument,
                    "tensor \(index) is \(description), \(description.byteCount) bytes, but its frame has \(frame.byteCount)"
                )
            }
            tensors.append(Tensor(description: description, frame: frame))
        }
        return tensors
    }
}
