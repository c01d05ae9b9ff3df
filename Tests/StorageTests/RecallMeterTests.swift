import Core
import Platform
import TestSupport
import Testing
import VectorIndex

@testable import Storage

@Suite struct RecallMeterTests {
    /// Offers searches until the meter has measured `samples`, or half a minute is over.
    private func offer(
        _ meter: RecallMeter, _ live: LivePartition, _ queries: [Float], until samples: Int, seconds: Double = 30,
        plan: SearchPlan? = nil
    ) throws {
        let dimension = live.partition.dimension
        let end = ContinuousClock.now + .seconds(seconds)
        var place = 0
        while meter.figures?.samples ?? 0 < samples, ContinuousClock.now < end {
            let query = Array(queries[(place * dimension)..<((place + 1) * dimension)])
            let search = try live.searchInDetail(query, k: 10, plan: plan, deadline: .never)
            meter.offer(query, k: 10, search, place: 0)
            place = (place + 1) % (queries.count / dimension)
            _ = waitForInput(on: [], milliseconds: 1)
        }
    }

    @Test("what it measures is the recall that searches have")
    func measures() throws {
        var test = try TestPartition(rows: 4500, dimension: 16)
        let live = try LivePartition(test.open())
        let queries = test.vectors(200)
        for plan in [SearchPlan(probes: 2, margin: 0), SearchPlan(probes: 1000, margin: 4)] {
            let meter = try RecallMeter(live, share: 1)
            defer { meter.stop() }
            #expect(meter.figures == nil)
            try offer(meter, live, queries, until: 100, plan: plan)
            let figures = try #require(meter.figures)
            #expect(figures.samples >= 100 && figures.k == 10)
            #expect(abs(figures.mean - (try live.recall(queries, plan: plan))) < 0.06)
        }
    }

    @Test("exact searches, and such for fewer than ten, are no samples")
    func notSampled() throws {
        var test = try TestPartition(rows: 4500, dimension: 16)
        let live = try LivePartition(test.open())
        let meter = try RecallMeter(live, share: 1)
        defer { meter.stop() }
        let query = test.vectors(1)
        let exact = try live.searchInDetail(query, k: 10, options: SearchOptions(isExact: true), deadline: .never)
        let few = try live.searchInDetail(query, k: 9, deadline: .never)
        for _ in 0..<20 {
            meter.offer(query, k: 10, exact, place: 0)
            meter.offer(query, k: 9, few, place: 0)
            _ = waitForInput(on: [], milliseconds: 2)
        }
        #expect(meter.figures == nil)
    }

    @Test("passages that went or came between a search and its measurement are nobody's fault")
    func changedMeanwhile() throws {
        var test = try TestPartition(rows: 4500, dimension: 16)
        let live = try LivePartition(test.open())
        let meter = try RecallMeter(live, share: 1)
        defer { meter.stop() }
        let query = test.vectors(1)
        let search = try live.searchInDetail(query, k: 10, plan: SearchPlan(probes: 1000, margin: 5), deadline: .never)
        let best = search.outcomes[0].hits.map(\.row)
        _ = try live.delete(ids: best.prefix(4).map { "p\($0)" })
        _ = try live.upsert([TestPartition.passage(9000)], vectors: query.map { BFloat16($0 * 50) })
        meter.offer(query, k: 10, search, place: 0)
        let end = ContinuousClock.now + .seconds(20)
        while meter.figures == nil, ContinuousClock.now < end { _ = waitForInput(on: [], milliseconds: 5) }
        let figures = try #require(meter.figures)
        // The four that went have successors that the search did not look for; the six others it had.
        #expect(figures.mean >= 0.6 && figures.samples == 1)
    }

    @Test("it keeps to its share of a core, and measures nothing after it was stopped")
    func stops() throws {
        var test = try TestPartition(rows: 4500, dimension: 16)
        let live = try LivePartition(test.open())
        let queries = test.vectors(50)
        let meter = try RecallMeter(live, share: 0.01)
        try offer(meter, live, queries, until: 3, seconds: 5)
        let measured = meter.figures?.samples ?? 0
        #expect(measured >= 1)
        meter.stop()
        _ = waitForInput(on: [], milliseconds: 200)
        let stopped = meter.figures?.samples ?? 0
        try offer(meter, live, queries, until: 1000, seconds: 0.3)
        #expect(meter.figures?.samples == stopped)
    }
}
