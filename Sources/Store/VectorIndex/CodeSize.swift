internal import Kernels

/// How many bytes of memory a vector's code takes. Shorter ones leave more vectors to be scored exactly.
public enum CodeSize: Int, CaseIterable, Hashable, Sendable {
    case bytes32 = 32
    case bytes64 = 64
    case bytes128 = 128

    /// What is taken when nobody chooses.
    public static func usual(dimension: Int) -> CodeSize { dimension < 128 ? .bytes64 : .bytes128 }

    /// Nil where no size is of that shape.
    init?(_ shape: CodeShape) { self.init(rawValue: shape.byteCount) }

    var shape: CodeShape {
        switch self {
        case .bytes32: .short
        case .bytes64: CodeShape(segments: 1)
        case .bytes128: CodeShape(segments: 2)
        }
    }
}
