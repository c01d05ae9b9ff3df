/// `duration` as sent on the wire, rounded down; 0 when negative.
func microseconds(_ duration: Duration) -> UInt64 {
    let parts = duration.components
    guard parts.seconds >= 0, parts.attoseconds >= 0 else { return 0 }
    let (whole, overflow) = UInt64(parts.seconds).multipliedReportingOverflow(by: 1_000_000)
    guard !overflow else { return .max }
    return whole &+ UInt64(parts.attoseconds / 1_000_000_000_000)
}

func duration(_ microseconds: UInt64, _ field: StaticString) throws(MalformedField) -> Duration {
    .microseconds(Int64(try count(microseconds, field)))
}
