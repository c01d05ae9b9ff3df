/// Rows of 4-bit weights as they are stored, blocks of 256 columns sharing a scale (`WeightGrouping`).
public struct PackedRows: Sendable, Equatable {
    /// `[rows × groups × 16]`, two columns a byte.
    public private(set) var numbers: [UInt8] = []
    /// `[rows × groups × 2]`: a multiplier and an offset each.
    public private(set) var groups: [UInt8] = []
    /// `[rows × blocks]` each.
    public private(set) var scales: [Float] = []
    public private(set) var minimums: [Float] = []

    /// How `WeightRounding` makes them.
    public static let grouping = WeightGrouping(bits: .four, scalesEveryGroup: false)

    init(numbers: [UInt8], groups: [UInt8], scales: [Float], minimums: [Float]) {
        self.numbers = numbers
        self.groups = groups
        self.scales = scales
        self.minimums = minimums
    }
}
