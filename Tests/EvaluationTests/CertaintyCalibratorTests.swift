import Core
import Testing

@testable import Evaluation

@Suite struct CertaintyCalibratorTests {
    private typealias Sample = CertaintyCalibrator.Sample

    private func sample(_ score: Float, _ mass: Float, _ isRight: Bool) -> CertaintyCalibrator.Sample {
        Sample(CertaintySignals(vectorScore: score, passageMass: mass), isRight: isRight)
    }

    @Test("what one signal tells apart is told apart by it alone, with the threshold at the least right one")
    func separable() throws {
        let samples = (0..<20).map { sample(Float($0), 0.5, $0 >= 8) }
        let choice = try CertaintyCalibrator(samples).choose(.balance)
        #expect(choice.vectorScore == 8 && choice.passageMass == nil && choice.wordsScore == nil)
        #expect(choice.right == 12 && choice.wrong == 0)
        let byMass = try CertaintyCalibrator(samples.map { sample(0.5, $0.signals.vectorScore ?? 0, $0.isRight) })
            .choose(
                .balance)
        #expect(byMass.passageMass == 8 && byMass.vectorScore == nil)
    }

    @Test("two signals are combined where each tells a part")
    func combined() throws {
        let samples = (0..<10).flatMap { step in
            [
                sample(10 + Float(step), 0.9, true), sample(Float(step), 0.9, false),
                sample(10 + Float(step), 0.1 + Float(step) / 100, false),
            ]
        }
        let choice = try CertaintyCalibrator(samples).choose(.balance)
        #expect(choice.right == 10 && choice.wrong == 0 && choice.vectorScore == 10 && choice.passageMass == 0.9)
    }

    @Test("with fused lists a question is refused only when both are low")
    func fused() throws {
        let samples = (0..<8).flatMap { step in
            let (low, high) = (Float(step), Float(20 + step))
            return [(low, low, false), (high, low, true), (low, high, true)].map {
                Sample(CertaintySignals(vectorScore: $0.0, wordsScore: $0.1, passageMass: 1), isRight: $0.2)
            }
        }
        let choice = try CertaintyCalibrator(samples).choose(.balance)
        #expect(choice.right == 16 && choice.wrong == 0 && choice.vectorScore == 20 && choice.wordsScore == 20)
    }

    @Test("a risk is kept with the most answers, and refused when it cannot be")
    func risk() throws {
        let samples = (0..<100).map { sample(Float($0), 0.5, $0 % 10 < $0 / 10) }
        let calibrator = CertaintyCalibrator(samples)
        let choice = try calibrator.choose(.risk(0.25))
        let given = choice.right + choice.wrong
        #expect(Double(choice.wrong) <= 0.25 * Double(given) && given >= 40)
        #expect(try calibrator.choose(.risk(1)).right == calibrator.rightCount)
        #expect(calibrator.risk(of: \.vectorScore, coverage: 1) == Double(100 - calibrator.rightCount) / 100)
        #expect(calibrator.risk(of: \.vectorScore, coverage: 0.1) == 0.1)
        let hopeless = CertaintyCalibrator((0..<100).map { sample(1, 1, $0 == 0) })
        let error = #expect(throws: ImpRAGError.self) { try hopeless.choose(.risk(0.5)) }
        #expect(error?.message.contains("at least 99 %") == true, "\(error?.message ?? "")")
    }

    @Test("without right answers, or without wrong ones, there is nothing to tell apart", arguments: [true, false])
    func oneSided(isRight: Bool) {
        let calibrator = CertaintyCalibrator((0..<5).map { sample(Float($0), 1, isRight) })
        let error = #expect(throws: ImpRAGError.self) { try calibrator.choose(.balance) }
        #expect(error?.code == .failedPrecondition)
    }

    @Test("refusing is right for a question without answers, and wrong for another")
    func tally() {
        var tally = EvaluationTally()
        let questions = [["Lima"], []].enumerated().map {
            EvaluationQuestion(Question(id: "\($0.offset)", question: "?", answers: $0.element), place: "")
        }
        let passages = [Passage(id: "p", title: "", text: "Lima")]
        tally.add(questions[0], answer: "Lima", passages: passages)
        tally.add(questions[0], answer: "", passages: passages, isRefused: true)
        tally.add(questions[1], answer: "", passages: passages, isRefused: true)
        tally.add(questions[1], answer: "Lima", passages: passages)
        #expect(tally.outcomes.map(\.isExactMatch) == [true, false, true, false])
        #expect(tally.outcomes.map(\.f1) == [1, 0, 1, 0])
        #expect(tally.answered.mean == 0.5 && tally.answeredExactMatch.mean == 0.5)
        // Only questions with an answer count.
        #expect(tally.recall.first?.share.mean == 1)
    }
}
