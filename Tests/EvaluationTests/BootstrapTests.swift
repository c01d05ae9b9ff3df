import Core
import Testing

@testable import Evaluation

struct BootstrapTests {
    @Test("an interval surrounds the mean, is the normal one for many questions, and is the same each time")
    func interval() {
        let values = (0..<400).map { $0 % 4 == 0 ? 1.0 : 0.0 }
        let interval = MeanInterval(values)
        #expect(interval.mean == 0.25)
        // The standard error is √(0.25 · 0.75 / 400) = 0.0217.
        #expect(
            abs(interval.low - (0.25 - 1.96 * 0.0217)) < 0.008 && abs(interval.high - (0.25 + 1.96 * 0.0217)) < 0.008)
        #expect(MeanInterval(values) == interval)
        #expect(MeanInterval([]).mean == 0 && MeanInterval([0.5]).low == 0.5 && MeanInterval([0.5]).high == 0.5)
    }

    @Test("two equal systems differ by nothing; one that is better at every question does so beyond chance")
    func comparison() {
        let values = (0..<100).map { Double($0 % 10) / 10 }
        let same = PairedComparison(first: values, second: values)
        #expect(same.p == 1 && same.ties == 100 && same.difference.mean == 0 && same.difference.high == 0)
        let better = PairedComparison(first: values, second: values.enumerated().map { $1 + Double($0 % 3) / 10 })
        #expect(better.wins == 66 && better.ties == 34 && better.losses == 0)
        #expect(better.p < 0.001 && better.p > 0 && better.difference.low > 0.07)
        let chance = PairedComparison(
            first: values, second: values.enumerated().map { $1 + ($0 % 2 == 0 ? 0.1 : -0.1) })
        #expect(chance.p > 0.9 && chance.difference.low < 0 && chance.difference.high > 0)
    }
}
