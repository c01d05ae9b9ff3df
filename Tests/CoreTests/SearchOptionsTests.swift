import Core
import Testing

@Suite struct SearchOptionsTests {
    @Test("an epoch that no log has is refused, together with whatever else is out of range")
    func epoch() {
        for epoch in [0, 1, 1 << 62] {
            #expect(throws: Never.self) { try SearchOptions(minEpoch: epoch).validate() }
        }
        let negative = #expect(throws: ImpRAGError.self) { try SearchOptions(probes: 0, minEpoch: -1).validate() }
        #expect(
            negative?.message
                == "probes is 0; 1 to 1000000 is allowed; min_epoch is -1; 0 to 4611686018427387904 is allowed")
        let beyond = #expect(throws: ImpRAGError.self) { try SearchOptions(minEpoch: 1 << 62 + 1).validate() }
        #expect(beyond?.code == .invalidArgument)
    }
}
