import Cluster
import Core
import Testing

@testable import Generator

struct GenerationForecastTests {
    /// 1 ms for each token to read, 10 ms for each to generate, 400 ms for an answer, 0.3 of what it may be.
    private func forecast(places: Int = 2, taken: Int, unread: Int = 0) -> GenerationForecast {
        var forecast = GenerationForecast(places: places)
        for _ in 0..<6 {
            forecast.pace.round(of: .milliseconds(100), readTokens: 100, isStep: false)
            forecast.pace.round(of: .milliseconds(10), readTokens: 0, isStep: true)
            forecast.pace.answer(of: .milliseconds(400), length: 0.3)
            forecast.pace.answer(of: .milliseconds(400), length: nil)
        }
        forecast.update(load(taken, unread))
        return forecast
    }

    private let client = RemoteClient(node: "c", number: 1)

    private func load(_ requests: Int, _ unread: Int) -> [RemoteClient: GenerationForecast.Load] {
        [client: GenerationForecast.Load(requests: requests, unreadTokens: unread)]
    }

    private let work = GenerationForecast.Work(readTokens: 100, maxTokens: 100)

    private func refuses(
        _ forecast: GenerationForecast, _ work: GenerationForecast.Work, left: Int,
        ahead: (requests: Int, readTokens: Int) = (0, 0), othersWait: Bool = false
    ) -> Bool {
        forecast.refusal(
            of: work, from: client, left: .milliseconds(left), ahead: ahead,
            waiting: load(ahead.requests, ahead.readTokens), othersWait: othersWait) != nil
    }

    @Test("an idle generator begins whatever comes, and so does one that has measured nothing")
    func knowsNothing() {
        #expect(!refuses(forecast(taken: 0), work, left: 1))
        var fresh = GenerationForecast(places: 1)
        fresh.update(load(1, 1000))
        #expect(!refuses(fresh, work, left: 1, ahead: (10, 1000)))
        fresh.pace.answer(of: .seconds(100), length: 1)
        #expect(!refuses(fresh, work, left: 1))
    }

    @Test("a request whose first token would come after its deadline is refused, with when to come back")
    func firstToken() {
        let forecast = forecast(taken: 1, unread: 300)
        #expect(!refuses(forecast, work, left: 420))
        #expect(refuses(forecast, work, left: 380))
        let error = forecast.refusal(of: work, from: client, left: .milliseconds(250))
        #expect(error?.code == .resourceExhausted)
        #expect(error?.message.contains("250 ms are left; try again in 15") == true, "\(error?.message ?? "")")
        // What waits before it is read before it.
        #expect(!refuses(self.forecast(places: 9, taken: 1), work, left: 620, ahead: (2, 500)))
        #expect(refuses(self.forecast(places: 9, taken: 1), work, left: 580, ahead: (2, 500)))
    }

    @Test("with all places taken, one becomes free as often as answers end, and the answer has to be finished in time")
    func allTaken() {
        let forecast = forecast(taken: 2)
        // 200 ms for a place, 100 to read, 300 for 30 of 100 tokens.
        #expect(!refuses(forecast, work, left: 620))
        #expect(refuses(forecast, work, left: 580))
        // A short one: 200 for a place, 100 to read, 30 for three tokens.
        let short = GenerationForecast.Work(readTokens: 100, maxTokens: 10)
        #expect(!refuses(forecast, short, left: 350))
        #expect(refuses(forecast, short, left: 310))
        // Two more before it.
        #expect(!refuses(forecast, work, left: 1020, ahead: (2, 0)))
        #expect(refuses(forecast, work, left: 980, ahead: (2, 0)))
    }

    @Test("an answer that would be cut at its deadline is begun only while nobody else waits")
    func contended() {
        let forecast = forecast(taken: 1)
        #expect(!refuses(forecast, work, left: 150))
        #expect(refuses(forecast, work, left: 150, othersWait: true))
        #expect(!refuses(forecast, work, left: 420, othersWait: true))
    }

    @Test("what has been begun since the last round counts")
    func begun() {
        var forecast = forecast(taken: 1)
        #expect(!refuses(forecast, work, left: 150))
        forecast.begin(work, of: client)
        #expect(refuses(forecast, work, left: 150))
        forecast.update(load(1, 0))
        #expect(!refuses(forecast, work, left: 150))
    }

    @Test("what was slow once is forgotten")
    func forgets() {
        var forecast = GenerationForecast(places: 2)
        for _ in 0..<5 { forecast.pace.round(of: .seconds(10), readTokens: 100, isStep: false) }
        forecast.update(load(1, 0))
        #expect(refuses(forecast, work, left: 150))
        for _ in 0..<60 { forecast.pace.round(of: .milliseconds(100), readTokens: 100, isStep: false) }
        #expect(!refuses(forecast, work, left: 150))
    }

    @Test(
        "a client with less than its share of the places waits for none, and for no more reading of others than its own"
    )
    func share() {
        var forecast = forecast(places: 4, taken: 4, unread: 4000)
        let lone = RemoteClient(node: "c", number: 2)
        func refuses(left: Int, waiting: [RemoteClient: GenerationForecast.Load] = [:]) -> Bool {
            forecast.refusal(
                of: work, from: lone, left: .milliseconds(left), ahead: (90, 9000), waiting: waiting) != nil
        }
        // 100 ms of the other's reading, 100 of its own, 300 to generate.
        let others = [client: GenerationForecast.Load(requests: 90, unreadTokens: 9000)]
        #expect(!refuses(left: 520, waiting: others))
        #expect(refuses(left: 480, waiting: others))
        // With two of four places, it has its share, and waits like everybody else.
        forecast.update(load(2, 2000).merging([lone: .init(requests: 2, unreadTokens: 0)]) { $1 })
        #expect(refuses(left: 520, waiting: others))
    }
}
