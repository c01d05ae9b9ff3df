import Cluster
import Core
import Messaging
import Wire

/// What the coordinator knows about the other nodes from polling their status. Pure.
struct Membership {
    enum State: Equatable {
        /// It has not answered a poll yet.
        case unknown
        case ready
        case loading
        case stopping
        /// It runs another model: nothing is sent to it.
        case refused(message: String)
        /// The connection is lost, or was never made.
        case unreachable(message: String)
        /// Connected, but several polls in a row went unanswered: busy, paused or about to be lost.
        case silent(message: String)
    }

    /// Unanswered polls in a row before a node counts as silent: a single late answer says nothing.
    static let missesUntilSilent = 3
    /// The same for a node that is working on requests, and sends nothing at all.
    static let missesUntilMute = 2
    /// Polls that find no connection, after one was lost, before the node counts as gone: a paused process loses its
    /// connections too, and accepts new ones as soon as it resumes.
    static let missesUntilGone = 2
    /// Requests of this coordinator that one generator should have: enough that it always has work. More wait here,
    /// where clients take turns.
    static let generatorWindow = 32
    /// Beyond these, for clients that have none at any generator yet.
    static let newcomerWindow = 8

    struct Member: Equatable {
        let name: String
        let kind: NodeRole
        var state = State.unknown
        /// Its last known number of passages. Kept while it is away, so that completeness can name a share.
        var passages = 0
        /// The same, by partition.
        var partitions: [PartitionFigures] = []
        /// Requests of this coordinator that it is working on.
        var inFlight = 0
        /// Polls in a row that it has not answered in time.
        var misses = 0

        /// Whether it has missed a poll, and nobody knows yet what that means.
        var isDoubtful: Bool {
            switch state {
            case .unknown, .ready, .loading, .stopping: misses > 0
            case .refused, .unreachable, .silent: false
            }
        }
    }

    private let fingerprint: Fingerprint
    private(set) var members: [Member]
    /// Where the search for a generator begins, so that equally loaded ones take turns.
    private var turn = 0
    /// The same for replicas: the number of searches so far.
    private var searchTurn = 0
    private static let turnLimit = 1_000_000
    /// Requests that wait for a place at a generator, by number.
    private var waiting = TurnQueue<ClientKey, Int>()
    /// Places at generators that each client has.
    private var places: [ClientKey: Int] = [:]
    /// Shards that were away when somebody was told that an update is found, and the update's epoch: searches ask them
    /// for no less. By name, whoever belongs to the cluster at the moment; forgotten once a shard has that epoch.
    private(set) var owed: [String: Int] = [:]

    /// - Parameter members: shards and generators, in the cluster file's order.
    init(fingerprint: Fingerprint, members: [(name: String, kind: NodeRole)]) {
        self.fingerprint = fingerprint
        self.members = members.map { Member(name: $0.name, kind: $0.kind) }
    }

    /// Replaces the members with `nodes`: new ones start as unknown, the others keep what is known about them.
    mutating func keep(to nodes: [(name: String, kind: NodeRole)]) {
        members = nodes.map { node in member(node.name) ?? Member(name: node.name, kind: node.kind) }
    }

    /// Every node has been reached, is ready, and fits.
    var isComplete: Bool { members.allSatisfy { $0.state == .ready } }

    func member(_ name: String) -> Member? { members.first { $0.name == name } }

    /// Records a node's status. Returns what to log when it is a change, else nil.
    mutating func reported(_ status: NodeStatus, by name: String) -> String? {
        let ours = fingerprint
        if let epoch = owed[name], status.epoch >= epoch { owed[name] = nil }
        return update(name) { member in
            member.misses = 0
            if status.state != .loading || status.passages >= member.passages {
                (member.passages, member.partitions) = (status.passages, status.partitions)
            }
            if let theirs = status.fingerprint, theirs != ours {
                member.state = .refused(
                    message: "it runs the model \(theirs), but this coordinator runs \(ours)")
                return
            }
            switch status.state {
            case .ready: member.state = .ready
            case .loading: member.state = .loading
            case .stopping: member.state = .stopping
            case .unreachable: member.state = .unreachable(message: "it calls itself unreachable")
            }
        }
    }

    /// Records that a node did not answer. Returns what to log when that is news, else nil.
    ///
    /// - Parameters:
    ///   - error: `deadlineExceeded` when the connection stands but is silent; anything else means it is lost.
    ///   - isMute: nothing else came from the node either while it was polled.
    mutating func failed(_ error: ImpRAGError, by name: String, isMute: Bool = false) -> String? {
        update(name) { member in
            guard error.code == .deadlineExceeded else {
                if case .unreachable = member.state {
                    member.misses += 1
                } else {
                    member.misses = 0
                    member.state = .unreachable(message: error.message)
                }
                return
            }
            member.misses += 1
            let limit = isMute && member.inFlight > 0 ? Self.missesUntilMute : Self.missesUntilSilent
            switch member.state {
            case .unknown, .ready, .loading, .stopping:
                if member.misses >= limit { member.state = .silent(message: error.message) }
            // The connection is back, but nothing comes over it.
            case .unreachable: member.state = .silent(message: error.message)
            case .refused, .silent: break
            }
        }
    }

    /// Records that a node takes no work: it is stopping, or not ready again. Its next status says which. Returns what
    /// to log when that is news, else nil.
    mutating func stops(_ name: String) -> String? {
        update(name) { member in
            if member.state == .ready || member.state == .unknown { member.state = .stopping }
        }
    }

    /// Records that an update counts as found without `name`.
    mutating func leftOut(_ name: String, of epoch: Int) { owed[name] = max(owed[name] ?? 0, epoch) }

    /// Picks the ready generator with the fewest requests in flight, taking turns among equals; its load counts one
    /// more until `released`.
    ///
    /// When none is ready but one is silent, stops, or was only just lost, returns `notYet`: it may be back at any
    /// moment. Returns nil when all that are ready have as many requests as they should.
    ///
    /// - Throws: otherwise `unavailable`, naming every generator and why it cannot be asked.
    mutating func reserveGenerator(window: Int = generatorWindow) throws(ImpRAGError) -> GeneratorPlace? {
        let generators = members.indices.filter { members[$0].kind == .generator }
        // Nodes not heard from yet are worth a try; the request's deadline bounds it.
        for wanted in [State.ready, .unknown] {
            let usable = generators.filter { members[$0].state == wanted }
            guard !usable.isEmpty else { continue }
            let inTurn = usable.indices.map { usable[(turn + $0) % usable.count] }
            guard let chosen = inTurn.min(by: { members[$0].inFlight < members[$1].inFlight }) else { continue }
            guard members[chosen].inFlight < window else { return nil }
            turn = (turn + 1) % Self.turnLimit
            members[chosen].inFlight += 1
            return .reserved(members[chosen].name)
        }
        let mayReturn = generators.contains { index in
            switch members[index].state {
            // One that stops is often about to be started again.
            case .silent, .stopping: true
            case .unreachable: members[index].misses < Self.missesUntilGone
            case .unknown, .ready, .loading, .refused: false
            }
        }
        guard mayReturn else { throw noGenerator(.unavailable) }
        return .notYet(reason: noGenerator(.deadlineExceeded))
    }

    /// As `reserveGenerator()`, but a request that gets nil waits, as the number `waiter`, until `grants` has a place
    /// for it.
    mutating func reserveGenerator(
        for waiter: Int, of client: ClientKey
    ) throws(ImpRAGError) -> GeneratorPlace? {
        // Whoever waits already comes first, unless nothing is to be had for anybody, or this client has nothing yet.
        let isNew = places[client] == nil
        let place =
            isNew || waiting.isEmpty
            ? try reserveGenerator(window: Self.generatorWindow + (isNew ? Self.newcomerWindow : 0)) : nil
        if let place { took(place, client) } else { waiting.add(waiter, of: client) }
        return place
    }

    private mutating func took(_ place: GeneratorPlace, _ client: ClientKey) {
        if case .reserved = place { places[client, default: 0] += 1 }
    }

    /// Gives a client's place at the generator `name` back.
    mutating func releasedGenerator(_ name: String, of client: ClientKey) {
        let left = (places[client] ?? 0) - 1
        places[client] = left > 0 ? left : nil
        released(name)
    }

    /// The request does not wait any more.
    mutating func withdraw(_ waiter: Int, of client: ClientKey) { waiting.remove(waiter, of: client) }

    /// What a request gets that waited for a place at a generator.
    struct Grant {
        let waiter: Int
        let client: ClientKey
        let place: Result<GeneratorPlace, ImpRAGError>
    }

    /// What those that wait get now, each as from `reserveGenerator`: first clients that have the fewest places. Call
    /// it after every change.
    mutating func grants() -> [Grant] {
        var grants: [Grant] = []
        while !waiting.isEmpty {
            let place: Result<GeneratorPlace, ImpRAGError>
            do throws(ImpRAGError) {
                guard let reserved = try reserveGenerator() else { break }
                place = .success(reserved)
            } catch {
                place = .failure(error)
            }
            guard let (waiter, client) = waiting.next(held: { places[$0] ?? 0 }) else { break }
            if case .success(let place) = place { took(place, client) }
            grants.append(Grant(waiter: waiter, client: client, place: place))
        }
        return grants
    }

    /// The error for a request that finds no generator, naming each one and why it cannot be asked.
    private func noGenerator(_ code: ErrorCode) -> ImpRAGError {
        let reasons = members.filter { $0.kind == .generator }.map { "\($0.name) \(Self.reason($0.state))" }
        return ImpRAGError(code, "no generator is ready: " + reasons.joined(separator: "; "))
    }

    /// The number of the next search, by which equally loaded replicas take turns.
    mutating func takeSearchTurn() -> Int {
        defer { searchTurn = (searchTurn + 1) % Self.turnLimit }
        return searchTurn
    }

    /// Records that `name` is sent a request; its load counts one more until `released`.
    mutating func began(_ name: String) {
        guard let index = members.firstIndex(where: { $0.name == name }) else { return }
        members[index].inFlight += 1
    }

    /// The partition whose most advanced ready replica has the least of the log; nil when none is ready.
    /// What others serve may lag: it catches up when it can.
    func furthestBehind() -> (shard: String, partition: Int, epoch: Int)? {
        var best: [Int: (shard: String, epoch: Int)] = [:]
        for member in members where member.kind == .shard && member.state == .ready {
            for figures in member.partitions where figures.epoch > best[figures.partition]?.epoch ?? -1 {
                best[figures.partition] = (member.name, figures.epoch)
            }
        }
        return best.min { ($0.value.epoch, $0.key) < ($1.value.epoch, $1.key) }.map {
            ($0.value.shard, $0.key, $0.value.epoch)
        }
    }

    /// Records that a request that `name` worked on has ended.
    mutating func released(_ name: String) {
        guard let index = members.firstIndex(where: { $0.name == name }) else { return }
        members[index].inFlight = max(0, members[index].inFlight - 1)
    }

    /// Why a node in `state` cannot be asked, as the rest of a sentence that begins with its name.
    static func reason(_ state: State) -> String {
        switch state {
        case .unknown: "has not been reached yet"
        case .ready: "is ready"
        case .loading: "is loading"
        case .stopping: "is stopping"
        case .refused(let message): "is refused: \(message)"
        case .unreachable(let message): "cannot be reached: \(message)"
        case .silent(let message): "does not answer: \(message)"
        }
    }

    private mutating func update(_ name: String, _ change: (inout Member) -> Void) -> String? {
        guard let index = members.firstIndex(where: { $0.name == name }) else { return nil }
        let before = members[index].state
        change(&members[index])
        let after = members[index].state
        return before == after ? nil : "\(name) \(Self.reason(after))"
    }
}
