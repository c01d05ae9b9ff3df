import Client
import Cluster
import Core
import Evaluation
import Foundation
import Wire

/// The options of every command that talks to a running cluster.
let clientOptions: [Option] = [
    .optional(
        "endpoint", "ENDPOINT",
        "the coordinator, or several with commas between them: the next one is asked when one cannot be reached (default: \(Endpoint.defaultCoordinator), where `imprag up` listens)"
    ),
    .optional(
        "collection", "NAME",
        "the collection that must answer, by its name or an alias; coordinators of others are passed over (default: whatever the coordinator serves)"
    ),
    .optional(
        "key", "FILE",
        "the key file that a coordinator on another machine takes, as `imprag keys create` made it (default: IMPRAG_KEY, else none)",
        formerName: "allow-remote"),
    .optional("deadline", "MS", "milliseconds until the command gives up (default: 30000)"),
    .optional(
        "traceparent", "CONTEXT",
        "the trace that the request belongs to, as W3C Trace Context writes it (default: the environment's TRACEPARENT)"
    ),
]

/// The options of commands that take a question.
let promptOptions: [Option] = [
    .flag("raw", "send PROMPT as it is; without it, it is put into the question template `Q: PROMPT A:`"),
    .optional("k", "N", "passages to retrieve (default: the model's own number)"),
    .flag("partial", "accept an answer when a shard is missing; it is marked as incomplete"),
]

/// The options of commands that search.
let searchOptionList: [Option] = [
    .flag("exact", "compare with every passage instead of asking the approximate index"),
    .optional("recall", "X", "the recall@10 to aim at, 0.5 to 0.999 (default: the shards' setting, else the index's)"),
    .optional("probes", "N", "raw knob: lists to scan, instead of what --recall maps to"),
    .optional("candidates", "N", "raw knob: candidates to rescore exactly, instead of what --recall maps to"),
    .optional("filter", "JSON", "only passages whose metadata match, as in '{\"field\":\"lang\",\"equals\":\"en\"}'"),
    .optional(
        "min-epoch", "N",
        "wait until the shards have applied this epoch of the log, as upsert and delete print it (default: 0, no wait)"),
]

/// The options of commands that change passages.
let updateOptions: [Option] = [
    .optional(
        "wait", "durable|found",
        "durable: until the log has it, or found: until searches find it, which also counts what changed (default: durable)"
    )
]

func updateWait(_ arguments: Arguments) throws -> UpdateWait {
    try arguments.choice("wait", as: UpdateWait.self) ?? .durable
}

/// The options of commands that search by words.
let wordsOptionList: [Option] = [
    .optional(
        "words", "off|fuse|only", "fuse: passages found by vector and by words, joined; only: by words (default: off)"),
    .optional(
        "words-weight", "W",
        "with --words fuse: how much words count, 0 to 1 (default: as calibrated when the corpus was indexed)"),
]

func wordsOptions(_ arguments: Arguments) throws -> WordsOptions {
    let words = WordsOptions(
        mode: try arguments.choice("words", as: WordsMode.self) ?? .off,
        weight: try arguments.number("words-weight", in: WordsOptions.weightRange))
    guard words.weight == nil || words.mode == .fuse else {
        throw UsageError(message: "--words-weight is for --words fuse")
    }
    return words
}

func searchOptions(_ arguments: Arguments) throws -> SearchOptions {
    SearchOptions(
        isExact: arguments.has("exact"), recall: try arguments.number("recall", in: SearchOptions.recallRange),
        probes: try arguments.integer("probes", in: SearchOptions.probesRange),
        candidates: try arguments.integer("candidates", in: SearchOptions.candidatesRange),
        filter: try arguments.string("filter").map { text in
            do {
                return try FilterText.parse(text)
            } catch let error as ImpRAGError {
                throw UsageError(message: "--filter: \(error.message)")
            }
        },
        minEpoch: try arguments.integer("min-epoch", in: SearchOptions.minEpochRange) ?? 0)
}

func makeClient(_ arguments: Arguments) throws -> ClusterClient {
    try ClusterClient(
        endpoints: coordinatorEndpoints(arguments),
        collection: arguments.string("collection") ?? "",
        keyFile: arguments.string("key") ?? keyFileOfEnvironment(), trace: try traceContext(arguments))
}

func coordinatorEndpoints(_ arguments: Arguments) throws(UsageError) -> [String] {
    let endpoints = (arguments.string("endpoint") ?? Endpoint.defaultCoordinator)
        .split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    for endpoint in endpoints { try checkEndpoint(endpoint) }
    return endpoints
}

/// Refuses a coordinator's endpoint, as `--endpoint` has it, that is none.
func checkEndpoint(_ text: String) throws(UsageError) {
    do throws(ImpRAGError) {
        _ = try Endpoint(text)
    } catch {
        // What the cluster prints beside it, and what other programs take.
        let isHTTP = text.hasPrefix("http://") || text.hasPrefix("https://")
        throw UsageError(
            message: "--endpoint: \(error.message), as in \(Endpoint.defaultCoordinator)"
                + (isHTTP ? "; a gateway's address is for curl and browsers" : ""))
    }
}

func keyFileOfEnvironment() -> String? {
    let path = ProcessInfo.processInfo.environment["IMPRAG_KEY"] ?? ""
    return path.isEmpty ? nil : path
}

/// What `--traceparent` says, else the environment. One that cannot be read there is none: another program made it.
private func traceContext(_ arguments: Arguments) throws -> TraceContext? {
    guard let text = arguments.string("traceparent") else {
        return ProcessInfo.processInfo.environment["TRACEPARENT"].flatMap { TraceContext($0) }
    }
    guard let trace = TraceContext(text) else {
        throw UsageError(
            message:
                "--traceparent is \"\(text)\"; 00-TRACE-SPAN-FLAGS is right, of 32, 16 and 2 hexadecimal digits, as in "
                + "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    }
    return trace
}

func deadline(_ arguments: Arguments) throws -> Deadline {
    .after(milliseconds: try arguments.integer("deadline", in: 1...86_400_000) ?? 30_000)
}

func completenessPolicy(_ arguments: Arguments) -> CompletenessPolicy { arguments.has("partial") ? .partial : .fail }

/// The prompt from a command line's positional arguments, or from standard input for `-`.
func prompt(_ arguments: Arguments) throws -> String {
    guard !arguments.words.isEmpty else {
        throw UsageError(message: "a prompt is missing; `-` reads it from standard input")
    }
    var text = arguments.words.joined(separator: " ")
    if text == "-" {
        let bytes = [UInt8](FileHandle.standardInput.readDataToEndOfFile())
        do {
            _ = try UTF8Span(validating: bytes.span)
        } catch {
            throw ImpRAGError(
                .invalidArgument,
                "standard input is not UTF-8: its byte \(error.byteOffsets.lowerBound + 1) begins no character")
        }
        text = String(decoding: bytes, as: UTF8.self)
    }
    guard text.contains(where: { !$0.isWhitespace }) else {
        throw UsageError(message: "the prompt is empty; a question is right, or with --raw the beginning of a text")
    }
    return prompt(text, arguments)
}

/// `text` as the options want it: as it is or in the question template.
func prompt(_ text: String, _ arguments: Arguments) -> String { arguments.has("raw") ? text : Question.prompt(text) }

func milliseconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) * 1000 + Double(duration.components.attoseconds) / 1e15
}

/// As in `1.2 ms`, rounded to the digits that matter.
func readable(_ duration: Duration) -> String {
    let value = milliseconds(duration)
    return value < 100
        ? "\(fixed(value, 1)) ms" : value < 10_000 ? "\(fixed(value, 0)) ms" : "\(fixed(value / 1000, 1)) s"
}
