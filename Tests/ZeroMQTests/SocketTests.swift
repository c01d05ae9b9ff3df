import Glibc
import TestSupport
import Testing
import ZeroMQ

@Suite struct SocketTests {
    /// Waits until `socket` has a message, ten seconds at most, and returns its frames as bytes.
    private func receive(from socket: Socket) throws -> [[UInt8]] {
        var poller = Poller()
        let index = poller.add(socket)
        try poller.wait(milliseconds: 10_000)
        try #require(poller.isReadable(index))
        var frames: [[UInt8]] = []
        while let message = try socket.receive() {
            let more = message.hasMore
            frames.append(Frame(message).numbers())
            if !more { break }
        }
        return frames
    }

    private func text(_ text: String) throws -> Message {
        try Message(lending: Array(text.utf8))
    }

    @Test("routing ids begin at another number each time: whoever knew the next one could end the process")
    func unforeseeableIDs() throws {
        let directory = try TemporaryDirectory()
        var seen: Set<[UInt8]> = []
        for number in 0..<3 {
            // As in a process that has just begun.
            srand(1)
            let context = try Context()
            let (router, dealer) = (try Socket(.router, in: context), try Socket(.dealer, in: context))
            try router.set(.linger(0))
            try dealer.set(.linger(0))
            try router.bind("ipc://" + directory.file("socket-\(number)"))
            try dealer.connect(try router.lastEndpoint())
            #expect(try dealer.send(text("hello"), more: false))
            let id = try #require(try receive(from: router).first)
            #expect(id.count == 5 && id.first == 0)
            seen.insert(id)
        }
        #expect(seen.count == 3, "\(seen)")
    }

    @Test("frames go from a DEALER to a ROUTER and back, over ipc and tcp", arguments: ["ipc", "tcp"])
    func roundTrip(transport: String) throws {
        let directory = try TemporaryDirectory()
        let context = try Context()
        let router = try Socket(.router, in: context)
        try router.set(.linger(0), .routerMandatory, .maxMessageBytes(1 << 20))
        try router.bind(transport == "ipc" ? "ipc://" + directory.file("socket") : "tcp://127.0.0.1:*")
        let dealer = try Socket(.dealer, in: context)
        try dealer.set(.linger(0))
        try dealer.connect(try router.lastEndpoint())
        let numbers: [Float] = [1, -2, 3.5]
        #expect(try dealer.send(text("ask"), more: true))
        #expect(try dealer.send(Message(lending: numbers), more: false))
        let request = try receive(from: router)
        #expect(request.count == 3)
        #expect(request[1] == Array("ask".utf8))
        #expect(request[2].count == 12)
        #expect(try router.send(Message(lending: request[0]), more: true))
        #expect(try router.send(text("answer"), more: false))
        #expect(try receive(from: dealer) == [Array("answer".utf8)])
    }

    @Test("a lent array is read after its last other reference is gone")
    func lending() throws {
        let context = try Context()
        let left = try Socket(.pair, in: context)
        let right = try Socket(.pair, in: context)
        try left.bind("inproc://lending")
        try right.connect("inproc://lending")
        for count in [0, 1, 7, 100_000] {
            var numbers: [Int32]? = (0..<Int32(count)).map { $0 &* 3 }
            #expect(try left.send(Message(lending: numbers ?? []), more: false))
            numbers = nil
            guard let message = try right.receive() else {
                Issue.record("nothing came")
                return
            }
            #expect(Frame(message).numbers(Int32.self) == (0..<Int32(count)).map { $0 &* 3 })
        }
    }

    @Test("a ROUTER says that a routing id is unknown")
    func unreachable() throws {
        let context = try Context()
        let router = try Socket(.router, in: context)
        try router.set(.linger(0), .routerMandatory)
        let error = #expect(throws: ZeroMQError.self) { try router.send(text("nobody"), more: true) }
        #expect(error?.isUnreachable == true)
    }

    @Test("a DEALER without a connection takes nothing, and an empty socket gives nothing, without waiting")
    func neverBlocks() throws {
        let directory = try TemporaryDirectory()
        let context = try Context()
        let dealer = try Socket(.dealer, in: context)
        try dealer.set(.linger(0), .immediate)
        try dealer.connect("ipc://" + directory.file("nobody"))
        #expect(try dealer.send(text("x"), more: false) == false)
        let received = try dealer.receive() != nil
        #expect(!received)
    }

    @Test("a waker ends a poll, and clearing forgets its signals")
    func waker() throws {
        let waker = try Waker()
        var poller = Poller()
        let index = poller.add(waker)
        waker.signal()
        waker.signal()
        try poller.wait(milliseconds: 10_000)
        #expect(poller.isReadable(index))
        waker.clear()
        try poller.wait(milliseconds: 0)
        #expect(!poller.isReadable(index))
    }

    @Test("an error names the call and says what libzmq said")
    func errors() throws {
        let context = try Context()
        let router = try Socket(.router, in: context)
        let error = #expect(throws: ZeroMQError.self) { try router.bind("nonsense") }
        #expect(error?.description.hasPrefix("zmq_bind: ") == true)
    }
}
