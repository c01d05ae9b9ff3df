import CWire

/// What a raw frame holds: little-endian numbers, row-major.
public struct TensorDescription: Hashable, Sendable {
    public let dataType: DataType
    /// Every extent is at least 0.
    public let shape: [Int]
    /// The size of the frame.
    public let byteCount: Int

    /// The most tensors in one message.
    public static let countLimit = 256

    /// Nil when `shape` has more than 8 extents, a negative one, or more bytes than an `Int` can count.
    public init?(dataType: DataType, shape: [Int]) {
        guard shape.count <= WireLimit.tensorRank else { return nil }
        var byteCount = dataType.byteCount
        for extent in shape {
            let (product, overflow) = byteCount.multipliedReportingOverflow(by: extent)
            guard extent >= 0, !overflow else { return nil }
            byteCount = product
        }
        self.dataType = dataType
        self.shape = shape
        self.byteCount = byteCount
    }
}

extension DataType {
    /// The size of one number.
    public var byteCount: Int {
        switch self {
        case .float32, .int32: 4
        case .bfloat16: 2
        case .uint8: 1
        }
    }
}

extension TensorDescription: CustomStringConvertible {
    /// As in `float32[3, 256]`.
    public var description: String { "\(dataType.rawValue)\(shape)" }
}

extension TensorDescription: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__TensorDescription>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        let dataType = try unsafe DataType(stored: stored.data_type, "tensors.data_type")
        let extents = try unsafe numbers(
            stored.shape, stored.n_shape, limit: WireLimit.tensorRank, "tensors.shape")
        let shape = extents.compactMap { Int(exactly: $0) }
        guard shape.count == extents.count, let checked = TensorDescription(dataType: dataType, shape: shape) else {
            throw MalformedField("tensors.shape \(extents) has more bytes than can be counted")
        }
        self = checked
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__TensorDescription> {
        let stored = unsafe arena.make(imprag__tensor_description__init)
        unsafe stored.pointee.data_type = dataType.stored
        unsafe stored.pointee.n_shape = shape.count
        unsafe stored.pointee.shape = arena.array(shape.map { UInt64($0) })
        return unsafe stored
    }
}
