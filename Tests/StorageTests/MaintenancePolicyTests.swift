import Testing

@testable import Storage

@Suite struct MaintenancePolicyTests {
    /// A partition of 1000 live rows in lists, in good shape.
    private static let calm = MaintenancePolicy(
        live: 1000, flat: 0, flatDead: 0, flatLimit: 500,
        lists: .init(coded: 1000, trainedRows: 1000, trainedError: 0.1, recentError: 0.1))

    private func decision(_ change: (inout MaintenancePolicy) -> Void) -> MaintenancePolicy.Decision {
        var policy = Self.calm
        change(&policy)
        return policy.decision
    }

    @Test("an index in good shape is left alone")
    func nothing() {
        #expect(decision { _ in } == .nothing)
        #expect(decision { ($0.flat, $0.live) = (511, 1511) } == .nothing)
        #expect(decision { $0.live = 900 } == .nothing, "a tenth of the vectors is dead")
        #expect(decision { $0.hasMemory = false } == .nothing)
    }

    @Test("without lists, dead rows are forgotten once they are many, and a partition beyond the limit gets an index")
    func flat() {
        #expect(decision { ($0.lists, $0.live, $0.flat) = (nil, 500, 1011) } == .nothing)
        #expect(decision { ($0.lists, $0.live, $0.flat) = (nil, 500, 1012) } == .forget)
        #expect(decision { ($0.lists, $0.live, $0.flat) = (nil, 501, 1012) } == .rebuild)
        #expect(decision { ($0.lists, $0.live, $0.flat, $0.hasMemory) = (nil, 501, 501, false) } == .outOfMemory)
    }

    @Test("rows without a list are absorbed from 512 on, dead vectors leave lists of which they are more than a tenth")
    func lists() {
        #expect(decision { ($0.flat, $0.live) = (512, 1512) } == .absorb)
        #expect(decision { $0.live = 899 } == .compact)
        // Dead rows outside of the lists are none in them.
        #expect(decision { ($0.flat, $0.flatDead, $0.live) = (100, 100, 1000) } == .nothing)
        #expect(decision { ($0.flat, $0.flatDead, $0.live) = (100, 0, 999) } == .compact)
    }

    @Test("codes that became a third worse, or a partition three times as large, are learned anew before all else")
    func rebuild() {
        #expect(decision { $0.lists?.recentError = 0.131 } == .rebuild)
        #expect(decision { $0.lists?.recentError = 0.13 } == .nothing)
        #expect(decision { ($0.live, $0.flat) = (3001, 2001) } == .rebuild)
        #expect(decision { ($0.live, $0.flat) = (3000, 2000) } == .absorb)
    }

    @Test(
        "a rebuild that memory has no room for keeps nothing else from being done, and is told when nothing else is left"
    )
    func memory() {
        func starved(_ change: (inout MaintenancePolicy) -> Void) -> MaintenancePolicy.Decision {
            decision {
                $0.lists?.recentError = 1
                $0.hasMemory = false
                change(&$0)
            }
        }
        #expect(starved { ($0.flat, $0.live) = (600, 1600) } == .absorb)
        #expect(starved { $0.live = 500 } == .compact)
        #expect(starved { $0.needsCalibration = true } == .calibrate)
        #expect(starved { _ in } == .outOfMemory)
    }

    @Test("searches that find too little lead to a calibration once lists are in shape")
    func calibration() {
        #expect(decision { $0.needsCalibration = true } == .calibrate)
        #expect(decision { ($0.needsCalibration, $0.live) = (true, 500) } == .compact)
    }
}
