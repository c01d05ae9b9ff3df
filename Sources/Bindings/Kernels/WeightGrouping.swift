import CKernels

/// How the weights of a matrix share scales, in groups of 32 columns (`grouped.h`).
public struct WeightGrouping: Sendable, Equatable {
    public enum Bits: Int, Sendable {
        case four = 4
        case eight = 8
    }

    /// Of a number.
    public let bits: Bits
    /// Whether each group has a scale of its own; otherwise blocks of 8 groups share one, and 4-bit groups have
    /// multipliers of it.
    public let scalesEveryGroup: Bool

    public init(bits: Bits, scalesEveryGroup: Bool) {
        self.bits = bits
        self.scalesEveryGroup = scalesEveryGroup
    }

    /// Columns of a group and of a block.
    public static let groupColumns = Int(imprag_group_columns)
    public static let blockColumns = groupColumns * Int(imprag_block_groups)

    /// Groups of a row of `columns` numbers, the last of which may have fewer than 32.
    public static func groupCount(columns: Int) -> Int { (columns + groupColumns - 1) / groupColumns }

    /// Scales of a stored row of `columns` numbers; 8-bit rows without scales for every group have one.
    public func scaleCount(columns: Int) -> Int {
        guard !scalesEveryGroup else { return Self.groupCount(columns: columns) }
        return bits == .eight ? 1 : (columns + Self.blockColumns - 1) / Self.blockColumns
    }

    var groupsPerScale: Int { scalesEveryGroup ? 1 : Int(imprag_block_groups) }

    func stripBytes(columnCount: Int) -> Int {
        imprag_strip_bytes(
            bits.rawValue, ProductNumber.padded(columnCount) / Self.groupColumns, groupsPerScale)
    }

    static let stripOutputs = Int(imprag_strip_outputs)
    static let panelStrips = WeightMatrix.panelOutputs / stripOutputs

    func panelBytes(columnCount: Int) -> Int { Self.panelStrips * stripBytes(columnCount: columnCount) }
}
