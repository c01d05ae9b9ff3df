/// What proposals have cost and brought in the passes of a model, the latest above all: so that they are no loss.
///
/// A proposal is a bet on estimates, and a text may mislead them. What wrong ones may cost all answers together beyond
/// what right ones bring is therefore limited to a share of the time of all passes; beyond that, none is made until
/// passes without any have made up for it.
struct ProposalLedger: Sendable {
    private(set) var cost = PassCost()
    /// Where answers begin.
    private(set) var hitRates = HitRates()
    /// Of passes, and what proposals have cost of it beyond what they brought; in units of `cost`.
    private var time = 0.0
    private var loss = 0.0
    /// What a token takes in a pass without proposals.
    private var tokenTime = 0.0

    /// Of the time of passes: half of the 3 % that proposals may cost, since the costs are estimates.
    static let lossShare = 0.015
    /// Passes are forgotten at this rate.
    private static let forgetting = 1.0 / 1024

    /// Whether a pass may have proposals. A first one may err.
    var allowsProposals: Bool { loss < Self.lossShare * time + cost.nextRow }

    /// A pass of `rows` rows, `proposed` of them proposals, took `duration`.
    mutating func measured(_ duration: Double, rows: Int, proposed: Int) {
        cost.measured(duration, rows: rows)
        let needed = max(1, rows - proposed)
        tokenTime = (cost.firstRow + Double(needed - 1) * cost.nextRow) / Double(needed)
        time += duration - time * Self.forgetting
        loss += Double(proposed) * cost.nextRow - loss * Self.forgetting
    }

    /// A proposal was right, and saves its answer a place in a pass.
    mutating func accepted() {
        // What they bring pays for what they have cost, and is no licence for what they will.
        loss = max(0, loss - tokenTime)
    }

    mutating func guessed(_ match: ProposalIndex.Match, isRight: Bool) {
        hitRates.note(match, isRight: isRight, weight: HitRates.weightAmongAnswers)
    }
}
