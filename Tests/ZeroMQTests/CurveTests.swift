import Testing
import ZeroMQ

@Suite struct CurveTests {
    @Test("keys are 40 characters, a secret half tells its public half, and what is no key is not taken for one")
    func keys() throws {
        #expect(CurveKeys.isAvailable)
        let pair = try CurveKeys.makePair()
        #expect(CurveKeys.isKey(pair.publicKey) && CurveKeys.isKey(pair.secretKey))
        #expect(CurveKeys.publicKey(of: pair.secretKey) == pair.publicKey)
        #expect(try CurveKeys.makePair() != pair)
        let long = pair.publicKey + "a"
        for text in ["", String(pair.publicKey.dropLast()), long, String(repeating: "é", count: 20)] {
            #expect(!CurveKeys.isKey(text))
            #expect(CurveKeys.publicKey(of: text) == nil)
        }
    }

    @Test("without a handler of authentication nobody is let in")
    func noHandler() throws {
        let (server, client) = (try CurveKeys.makePair(), try CurveKeys.makePair())
        let context = try Context()
        let router = try Socket(.router, in: context)
        try router.set(.linger(0))
        try router.useCurve(asServerWith: server.secretKey, domain: "test")
        try router.bind("tcp://127.0.0.1:*")
        let dealer = try Socket(.dealer, in: Context())
        try dealer.set(.linger(0))
        try dealer.useCurve(asClientOf: server.publicKey, publicKey: client.publicKey, secretKey: client.secretKey)
        try dealer.monitor(at: "inproc://events")
        defer { dealer.stopMonitor() }
        try dealer.connect(try router.lastEndpoint())
        _ = try dealer.send(try Message(lending: Array("hello".utf8)), more: false)
        var poller = Poller()
        let index = poller.add(router)
        try poller.wait(milliseconds: 300)
        #expect(!poller.isReadable(index))
    }
}
