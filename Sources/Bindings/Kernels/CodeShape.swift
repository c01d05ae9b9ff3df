import CKernels

/// How long a code is: segments of 64 bytes, or one of 32.
public struct CodeShape: Hashable, Sendable {
    public let segments: Int
    public let segmentBytes: Int

    /// The most segments of a code.
    public static let segmentLimit = 64

    /// One segment of 32 bytes.
    public static let short = CodeShape(segments: 1, segmentBytes: imprag_short_segment_bytes)

    private init(segments: Int, segmentBytes: Int) {
        self.segments = segments
        self.segmentBytes = segmentBytes
    }

    /// Segments of 64 bytes.
    public init(segments: Int) {
        precondition((1...Self.segmentLimit).contains(segments), "\(segments) segments are no code")
        self.init(segments: segments, segmentBytes: imprag_segment_bytes)
    }

    /// As it is stored: the number of whole segments, which is 0 for the short code. Nil for what is no such number.
    public init?(stored number: Int) {
        switch number {
        case 0: self = .short
        case 1...Self.segmentLimit: self.init(segments: number)
        default: return nil
        }
    }

    public var stored: Int { self == .short ? 0 : segments }

    /// Bytes of a code.
    public var byteCount: Int { segments * segmentBytes }

    public var nibblesPerSegment: Int { 2 * segmentBytes }
}
