import Testing

@testable import Messaging

struct PauseMeterTests {
    private let start = ContinuousClock.now

    private func at(_ milliseconds: Int) -> ContinuousClock.Instant { start + .milliseconds(milliseconds) }

    @Test("a wait that ends when it should, or a little late, or early, is no pause")
    func punctual() {
        var meter = PauseMeter()
        for (from, now) in [(0, 250), (250, 600), (600, 640)] {
            meter.waited(from: at(from), until: at(from + 250), now: at(now))
            #expect(meter.pause == .zero)
        }
    }

    @Test("a wait that ends late is a pause by as much, until all that had arrived has been read")
    func paused() {
        var meter = PauseMeter()
        meter.waited(from: at(0), until: at(250), now: at(3250))
        #expect(meter.pause == .milliseconds(3000))
        // More than a burst has arrived: the rest is as old.
        meter.waited(from: at(3251), until: at(3501), now: at(3251))
        #expect(meter.pause == .milliseconds(3000))
        meter.drained()
        #expect(meter.pause == .zero)
    }

    @Test("a process that is stopped between two waits is paused as well")
    func pausedAtWork() {
        var meter = PauseMeter()
        meter.waited(from: at(0), until: at(250), now: at(10))
        meter.waited(from: at(510), until: at(760), now: at(510))
        #expect(meter.pause == .milliseconds(500))
    }
}
