/// What a pass may still take on: each row more must bring more tokens for its time than the pass does without it.
struct PassBudget {
    private let cost: PassCost
    private var time: Double
    private var tokens: Double
    /// Rows that are free.
    private var spareRows: Int

    /// - Parameter rows: of the pass so far, each of which makes a token.
    init(_ cost: PassCost, rows: Int, spareRows: Int) {
        self.cost = cost
        time = cost.firstRow + Double(rows - 1) * cost.nextRow
        tokens = Double(rows)
        self.spareRows = spareRows
    }

    /// Takes a row for a token that is right with `probability`, if it is worth it.
    mutating func take(probability: Double) -> Bool {
        guard spareRows > 0, probability * time > cost.nextRow * tokens * Self.margin else { return false }
        spareRows -= 1
        time += cost.nextRow
        tokens += probability
        return true
    }

    /// What a row has to bring, in what it costs: estimates err.
    private static let margin = 1.2
}
