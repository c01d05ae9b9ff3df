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
}
