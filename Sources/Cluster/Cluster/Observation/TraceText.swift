import Core

/// Spans as OpenTelemetry's JSON: one object `{"resourceSpans":[…]}`, without a line end, as its file exporter writes
/// them and collectors read them.
struct TraceText {
    /// Which node they are of.
    let node: String
    let role: NodeRole
    /// A moment on both clocks: spans are measured by the steady one.
    let origin: (steady: ContinuousClock.Instant, wall: WallTime)

    func text(of spans: [TraceSpan]) -> String {
        let resource = [
            TraceSpan.Attribute("service.name", "imprag"), TraceSpan.Attribute("service.instance.id", node),
            TraceSpan.Attribute("imprag.role", role.rawValue),
        ]
        return "{\"resourceSpans\":[{\"resource\":{\"attributes\":\(Self.text(of: resource))},"
            + "\"scopeSpans\":[{\"scope\":{\"name\":\"imprag\"},\"spans\":["
            + spans.map(text).joined(separator: ",") + "]}]}]}"
    }

    private func text(of span: TraceSpan) -> String {
        var text = "{\"traceId\":\"\(span.context.trace)\",\"spanId\":\"\(span.context.spanText)\""
        if let parent = span.parent { text += ",\"parentSpanId\":\"\(TraceContext.text(ofSpan: parent))\"" }
        text += ",\"name\":\(jsonString(span.name)),\"kind\":\(span.kind.rawValue)"
        text += ",\"startTimeUnixNano\":\"\(nanoseconds(span.start))\",\"endTimeUnixNano\":\"\(nanoseconds(span.end))\""
        text += ",\"attributes\":\(Self.text(of: span.attributes))"
        // 2 is OTLP's STATUS_CODE_ERROR.
        if let failure = span.failure { text += ",\"status\":{\"code\":2,\"message\":\(jsonString(failure.rawValue))}" }
        return text + "}"
    }

    private func nanoseconds(_ instant: ContinuousClock.Instant) -> Int64 {
        let (seconds, attoseconds) = (instant - origin.steady).components
        return origin.wall.nanoseconds + seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    private static func text(of attributes: [TraceSpan.Attribute]) -> String {
        let list = attributes.map { attribute in
            let value =
                switch attribute.value {
                case .text(let text): "{\"stringValue\":\(jsonString(text))}"
                // OTLP writes 64-bit numbers as strings.
                case .number(let number): "{\"intValue\":\"\(number)\"}"
                }
            return "{\"key\":\(jsonString(attribute.name)),\"value\":\(value)}"
        }
        return "[\(list.joined(separator: ","))]"
    }
}
