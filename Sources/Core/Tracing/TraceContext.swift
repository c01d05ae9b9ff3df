/// Which trace a request belongs to, and which of its spans caused it: what the header `traceparent` of W3C Trace
/// Context says.
public struct TraceContext: Hashable, Sendable, CustomStringConvertible {
    /// 128 bits, not all 0.
    public let trace: TraceID
    /// The span of the caller, not 0.
    public let span: UInt64
    /// Whether the trace is recorded.
    public let isSampled: Bool

    /// Bytes of its text.
    public static let byteCount = 55

    public init(trace: TraceID, span: UInt64, isSampled: Bool) {
        self.trace = trace
        self.span = span
        self.isSampled = isSampled
    }

    /// Reads `00-TRACE-SPAN-FLAGS`, in lower-case hexadecimal digits. Nil for anything else: a trace that cannot be
    /// read is begun anew, as the standard asks.
    public init?(_ text: some StringProtocol) {
        let fields = text.split(separator: "-", omittingEmptySubsequences: false)
        // Later versions may have more after these fields.
        guard fields.count >= 4, fields[0].utf8.count == 2, let version = Self.number(fields[0]), version != 0xFF,
            version > 0 || fields.count == 4 && text.utf8.count == Self.byteCount, fields[1].utf8.count == 32,
            let high = Self.number(fields[1].prefix(16)), let low = Self.number(fields[1].suffix(16)),
            let trace = TraceID(high: high, low: low), fields[2].utf8.count == 16, let span = Self.number(fields[2]),
            span != 0, fields[3].utf8.count == 2, let flags = Self.number(fields[3])
        else { return nil }
        self.init(trace: trace, span: span, isSampled: flags & 1 == 1)
    }

    /// The span as 16 digits.
    public var spanText: String { Self.text(ofSpan: span) }

    /// 16 lower-case hexadecimal digits.
    public static func text(ofSpan span: UInt64) -> String { sixteenDigits(span) }

    public var description: String {
        "00-\(trace)-\(spanText)-\(isSampled ? "01" : "00")"
    }

    /// The number that lower-case hexadecimal digits write.
    private static func number(_ digits: some StringProtocol) -> UInt64? {
        var number: UInt64 = 0
        for byte in digits.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt64(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt64(byte - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return number
    }
}

/// 128 bits that name a trace.
public struct TraceID: Hashable, Sendable, CustomStringConvertible {
    public let high: UInt64
    public let low: UInt64

    /// Nil for 0, which names none.
    public init?(high: UInt64, low: UInt64) {
        guard high != 0 || low != 0 else { return nil }
        (self.high, self.low) = (high, low)
    }

    /// 32 lower-case hexadecimal digits.
    public var description: String { sixteenDigits(high) + sixteenDigits(low) }
}

private func sixteenDigits(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
