internal import Core
internal import Platform
internal import ZeroMQ

/// Answers libzmq's question which keys may connect, from a key ring that it keeps up to date, on a thread of its own:
/// the disk of the key list may be slow, and the messenger's thread must not wait for it.
///
/// The question and the answer are those of ZeroMQ's RFC 27 (ZAP 1.0). A message of a connection that was let in
/// carries the public key, by which it is looked up again: the name may have been given to another key since.
final class KeyAuthenticator: Sendable {
    /// The socket on its way to the thread that owns it.
    private struct Arrival: @unchecked Sendable {
        // Sendable: the maker keeps no reference, and starting the thread is the memory barrier that libzmq asks for.
        let socket: Socket
    }

    /// What sockets whose peers need keys call themselves.
    static let domain = "imprag"

    private let ring: KeyRing
    private let waker: Waker
    private let thread: NamedThread

    init(_ ring: KeyRing, in context: Context) throws(ImpRAGError) {
        let arrival: Arrival
        let waker: Waker
        do throws(ZeroMQError) {
            let socket = try Socket(.reply, in: context)
            try socket.set(.linger(0))
            try socket.bind(Socket.authenticationEndpoint)
            arrival = Arrival(socket: socket)
            waker = try Waker()
        } catch {
            throw ImpRAGError(.resourceExhausted, "keys cannot be checked", cause: error)
        }
        self.ring = ring
        self.waker = waker
        thread = try NamedThread("imprag-keys") { Self.run(arrival.socket, ring, waker) }
    }

    /// Ends the thread, and waits for that.
    func stop() {
        waker.signal()
        thread.join()
    }

    private static func run(_ socket: Socket, _ ring: KeyRing, _ waker: Waker) {
        var poller = Poller()
        let wake = poller.add(waker)
        let question = poller.add(socket)
        let milliseconds = Int(KeyRing.interval / .milliseconds(1))
        while true {
            do {
                try poller.wait(milliseconds: milliseconds)
            } catch {
                // Only a bug makes `zmq_poll` fail, and nobody would be let in without this thread.
                preconditionFailure("\(error)")
            }
            if poller.isReadable(wake) { return }
            ring.refresh()
            if poller.isReadable(question) { while answer(socket, ring) {} }
        }
    }

    /// Answers one question. False when there is none.
    private static func answer(_ socket: Socket, _ ring: KeyRing) -> Bool {
        var frames: [Frame] = []
        var more = true
        while more, let message = try? socket.receive() {
            more = message.hasMore
            frames.append(Frame(message))
        }
        guard !frames.isEmpty else { return false }
        let key = publicKey(frames)
        let isKnown = key.map { ring.key($0) != nil } ?? false
        let reply: [[UInt8]] = [
            Array("1.0".utf8), frames.count > 1 ? frames[1].numbers() : [], Array((isKnown ? "200" : "400").utf8),
            Array((isKnown ? "OK" : "unknown key").utf8), Array((isKnown ? key ?? "" : "").utf8), [],
        ]
        for (index, frame) in reply.enumerated() {
            guard let message = try? Message(lending: frame),
                (try? socket.send(message, more: index + 1 < reply.count)) == true
            else { break }
        }
        return true
    }

    /// The key of a question: version, number, domain, address, routing id, mechanism, credentials. Nil for a question
    /// that is not about a key.
    private static func publicKey(_ frames: [Frame]) -> String? {
        guard frames.count == 7, text(frames[0]) == "1.0", text(frames[2]) == domain, text(frames[5]) == "CURVE" else {
            return nil
        }
        return frames[6].withBytes { CurveKeys.text(of: $0) }
    }

    private static func text(_ frame: Frame) -> String { String(decoding: frame.numbers(UInt8.self), as: UTF8.self) }
}
