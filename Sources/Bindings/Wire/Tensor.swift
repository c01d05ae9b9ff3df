public import Core

/// Numbers that are sent in a frame of their own after the envelope.
///
/// Sending does not copy them: the transport reads the array. Received ones stay in the transport's memory until they
/// are read.
public struct Tensor: Sendable {
    public let description: TensorDescription

    package enum Storage: Sendable {
        case floats([Float])
        case integers([Int32])
        case halves([BFloat16])
        case bytes([UInt8], companion: (any AnyObject & Sendable)?)
        case received(any ReceivedFrame)
    }
    package let storage: Storage

    /// - Parameter numbers: as many as `shape` has places, row-major.
    public init(_ numbers: [Float], shape: [Int]) {
        self.init(.floats(numbers), count: numbers.count, dataType: .float32, shape: shape)
    }

    /// - Parameter numbers: as many as `shape` has places, row-major.
    public init(_ numbers: [Int32], shape: [Int]) {
        self.init(.integers(numbers), count: numbers.count, dataType: .int32, shape: shape)
    }

    /// - Parameter numbers: as many as `shape` has places, row-major.
    public init(_ numbers: [BFloat16], shape: [Int]) {
        self.init(.halves(numbers), count: numbers.count, dataType: .bfloat16, shape: shape)
    }

    /// Bytes as a uint8 tensor of one extent.
    ///
    /// - Parameter companion: retained until the last byte is sent: the memory's reservation, for example.
    public init(_ bytes: [UInt8], companion: (any AnyObject & Sendable)? = nil) {
        self.init(.bytes(bytes, companion: companion), count: bytes.count, dataType: .uint8, shape: [bytes.count])
    }

    private init(_ storage: Storage, count: Int, dataType: DataType, shape: [Int]) {
        guard let description = TensorDescription(dataType: dataType, shape: shape),
            description.byteCount == count * dataType.byteCount
        else {
            preconditionFailure("\(count) numbers do not fill the shape \(shape)")
        }
        self.description = description
        self.storage = storage
    }

    /// The caller has checked that `frame` has the size in `description`.
    package init(description: TensorDescription, frame: any ReceivedFrame) {
        self.description = description
        storage = .received(frame)
    }

    /// The numbers of a float32 tensor, row-major.
    ///
    /// - Parameters:
    ///   - name: for errors, as in "query vectors".
    ///   - shape: the required shape; nil stands for any extent.
    /// - Throws: `invalidArgument` when type or shape differ.
    public func floats(_ name: String, shape: [Int?]) throws(ImpRAGError) -> [Float] {
        try check(name, dataType: .float32, shape: shape)
        switch storage {
        case .floats(let numbers): return numbers
        case .received(let frame): return frame.numbers(Float.self)
        case .integers, .halves, .bytes:
            preconditionFailure("the description says float32, the storage something else")
        }
    }

    /// The numbers of a float32 or bfloat16 tensor as bfloat16, rounded if need be, row-major. Throws as `floats` does.
    public func roundedHalves(_ name: String, shape: [Int?]) throws(ImpRAGError) -> [BFloat16] {
        guard description.dataType != .bfloat16 else { return try halves(name, shape: shape) }
        return try floats(name, shape: shape).map { BFloat16($0) }
    }

    /// The numbers of a bfloat16 tensor, row-major. Throws as `floats` does.
    public func halves(_ name: String, shape: [Int?]) throws(ImpRAGError) -> [BFloat16] {
        try check(name, dataType: .bfloat16, shape: shape)
        switch storage {
        case .halves(let numbers): return numbers
        case .received(let frame): return frame.numbers(BFloat16.self)
        case .floats, .integers, .bytes:
            preconditionFailure("the description says bfloat16, the storage something else")
        }
    }

    /// The numbers of an int32 tensor, row-major. Throws as `floats` does.
    public func integers(_ name: String, shape: [Int?]) throws(ImpRAGError) -> [Int32] {
        try check(name, dataType: .int32, shape: shape)
        switch storage {
        case .integers(let numbers): return numbers
        case .received(let frame): return frame.numbers(Int32.self)
        case .floats, .halves, .bytes:
            preconditionFailure("the description says int32, the storage something else")
        }
    }

    /// The bytes of a uint8 tensor of one extent. Throws as `floats` does.
    public func bytes(_ name: String) throws(ImpRAGError) -> [UInt8] {
        try check(name, dataType: .uint8, shape: [nil])
        switch storage {
        case .bytes(let bytes, _): return bytes
        case .received(let frame): return frame.numbers(UInt8.self)
        case .floats, .integers, .halves:
            preconditionFailure("the description says uint8, the storage something else")
        }
    }

    /// Lends the bytes of a uint8 tensor of one extent to `body`, without a copy. Throws as `floats` does, and what
    /// `body` throws.
    public func withBytes<Value>(
        _ name: String, _ body: (Span<UInt8>) throws(ImpRAGError) -> Value
    ) throws(ImpRAGError) -> Value {
        try check(name, dataType: .uint8, shape: [nil])
        switch storage {
        case .bytes(let bytes, _): return try body(bytes.span)
        case .received(let frame):
            return try frame.withBytes { raw throws(ImpRAGError) in
                try unsafe raw.withUnsafeBytes { bytes throws(ImpRAGError) in
                    try body(unsafe bytes.assumingMemoryBound(to: UInt8.self).span)
                }
            }
        case .floats, .integers, .halves:
            preconditionFailure("the description says uint8, the storage something else")
        }
    }

    private func check(_ name: String, dataType: DataType, shape: [Int?]) throws(ImpRAGError) {
        let fits =
            description.dataType == dataType && description.shape.count == shape.count
            && zip(description.shape, shape).allSatisfy { $1 == nil || $0 == $1 }
        guard fits else {
            let expected = shape.map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
            throw ImpRAGError(
                .invalidArgument,
                "the \(name) came as \(description); \(dataType.rawValue)[\(expected)] is needed")
        }
    }
}

/// A received frame, wherever the transport keeps its bytes.
package protocol ReceivedFrame: AnyObject, Sendable {
    var byteCount: Int { get }

    /// Lends the bytes to `body`.
    func withBytes<Value: ~Copyable, Failure>(_ body: (RawSpan) throws(Failure) -> Value) throws(Failure) -> Value

    /// The bytes as little-endian numbers; bytes beyond the last whole number are dropped.
    func numbers<Number: BitwiseCopyable>(_ type: Number.Type) -> [Number]
}
