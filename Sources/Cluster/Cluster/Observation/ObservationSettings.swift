public import Core

/// What a node shows of itself, from its entry in the cluster file or the file's outermost object.
public struct ObservationSettings: Sendable {
    /// `metrics`: `HOST:PORT` at which it serves `/metrics`, `/healthz` and `/readyz` by HTTP. Default: none.
    public var metrics: Endpoint?
    /// `log_format`: "text" or "json". Default "text"; the environment's `IMPRAG_LOG` comes first.
    public var logFormat = Log.Format.text
    /// `trace_file`: gets the spans of sampled requests, one JSON line a request. Default: none are recorded.
    public var traceFile: String?
    /// `trace_share`: the share of clients' requests without a trace of their own that a coordinator with a
    /// `trace_file` begins one for, 0 to 1. Default 0.
    public var traceShare = 0.0

    public init() {}
}
