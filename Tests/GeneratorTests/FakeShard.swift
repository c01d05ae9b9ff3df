import Cluster
import Core
import Messaging
import SimulatedWorld
import Synchronization
import TestSupport
import Wire

/// A shard that keeps passage states in a dictionary.
final class FakeShard: Sendable {
    struct Contents {
        var states: [StateKey: [UInt8]] = [:]
        /// Whether it keeps what it is sent.
        var keeps = true
        /// The fetch requests that it never answers, like a stopped process; nil if it answers.
        var unanswered: [IncomingRequest]?
        var fetches = 0
    }

    let endpoint: String
    private let messenger: Messenger
    private let directory: TemporaryDirectory
    private let shared = Shared()

    private final class Shared: Sendable {
        let contents = Mutex(Contents())
    }

    init() throws {
        directory = try TemporaryDirectory()
        messenger = try NodeEnvironment.inTest.messenger("shard-0", limits: MessagingLimits())
        let shared = shared
        endpoint = try messenger.listen(on: "ipc://\(directory.file("s"))") { Self.answer($0, shared) }
    }

    deinit {
        messenger.close()
    }

    var states: [StateKey: [UInt8]] { shared.contents.withLock { $0.states } }

    func change(_ body: (inout Contents) -> Void) {
        shared.contents.withLock { body(&$0) }
    }

    private static func answer(_ request: IncomingRequest, _ shared: Shared) {
        shared.contents.withLock { contents in
            switch request.body {
            case .fetchStates(let fetch):
                contents.fetches += 1
                guard contents.unanswered == nil else {
                    contents.unanswered?.append(request)
                    return
                }
                request.reply(
                    .fetchStates(
                        FetchStatesReply(presence: fetch.keys.map { contents.states[$0] == nil ? .absent : .sent })),
                    tensors: fetch.keys.compactMap { contents.states[$0] }.map { Tensor($0) })
            case .storeStates(let store):
                let bytes = request.tensors.compactMap { try? $0.bytes("state") }
                // Like the real one: existing states stay.
                if contents.keeps { contents.states.merge(zip(store.keys, bytes)) { old, _ in old } }
                request.reply(.storeStates(StoreStatesReply(stored: contents.keeps ? bytes.count : 0)))
            default: request.fail(ImpRAGError(.invalidArgument, request.body.name))
            }
        }
    }
}
