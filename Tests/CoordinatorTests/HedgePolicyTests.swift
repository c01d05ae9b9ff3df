import Testing

@testable import Coordinator

struct HedgePolicyTests {
    @Test("nothing is hedged before twenty parts have been seen; then what 95 of 100 do not exceed is the delay")
    func delay() {
        var policy = HedgePolicy()
        for _ in 1..<HedgePolicy.samplesNeeded {
            policy.record(.milliseconds(5))
            #expect(policy.delay == nil)
        }
        policy.record(.milliseconds(90))
        #expect(policy.delay == .milliseconds(90))
        // The slow one becomes one of many, and leaves the window in the end.
        for _ in 0..<80 { policy.record(.milliseconds(7)) }
        #expect(policy.delay == .milliseconds(7))
        for _ in 0..<HedgePolicy.window * 2 { policy.record(.milliseconds(3)) }
        #expect(policy.delay == .milliseconds(3))
        for _ in 0..<HedgePolicy.window { policy.record(.microseconds(20)) }
        #expect(policy.delay == HedgePolicy.shortestDelay)
    }

    @Test("at most one hedge for twenty other requests, and few of them at once after a quiet time")
    func budget() {
        var policy = HedgePolicy()
        #expect(policy.budget == 0)
        for _ in 0..<19 { policy.asked() }
        #expect(policy.budget == 0)
        policy.asked()
        #expect(policy.budget == 1)
        policy.hedged()
        #expect(policy.budget == 0)
        // Overdrawn by two searches that looked at once: paid back before the next one.
        policy.hedged()
        for _ in 0..<39 { policy.asked() }
        #expect(policy.budget == 0)
        policy.asked()
        #expect(policy.budget == 1)
        for _ in 0..<10_000 { policy.asked() }
        #expect(policy.budget == Int(HedgePolicy.savingLimit))
    }
}
