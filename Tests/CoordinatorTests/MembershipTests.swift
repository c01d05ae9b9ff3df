import Cluster
import Core
import Messaging
import Testing
import Wire

@testable import Coordinator

struct MembershipTests {
    private let ours = Fingerprint(bytes: Array(repeating: 1, count: 32))
    private let theirs = Fingerprint(bytes: Array(repeating: 2, count: 32))

    private func membership() throws -> Membership {
        Membership(
            fingerprint: try #require(ours),
            members: [("s", .shard), ("g0", .generator), ("g1", .generator), ("g2", .generator)])
    }

    private func status(_ name: String, _ state: NodeState = .ready, passages: Int = 0) -> NodeStatus {
        NodeStatus(
            name: name, role: name == "s" ? .shard : .generator, state: state, passages: passages, fingerprint: ours)
    }

    /// The reserved generator; nil when none is ready yet.
    private func reserved(_ members: inout Membership) throws -> String? {
        guard case .reserved(let name) = try members.reserveGenerator() else { return nil }
        return name
    }

    @Test("a cluster is complete when every node has reported that it is ready; only changes are news")
    func completeness() throws {
        var members = try membership()
        for name in ["s", "g0", "g1"] {
            #expect(members.reported(status(name), by: name) == "\(name) is ready")
            #expect(members.reported(status(name), by: name) == nil)
        }
        #expect(!members.isComplete)
        #expect(members.reported(status("g2", .loading), by: "g2") == "g2 is loading")
        #expect(!members.isComplete)
        _ = members.reported(status("g2"), by: "g2")
        #expect(members.isComplete)
        #expect(members.failed(ImpRAGError(.unavailable, "gone"), by: "s") == "s cannot be reached: gone")
        #expect(members.failed(ImpRAGError(.unavailable, "still gone"), by: "s") == nil)
        #expect(!members.isComplete)
    }

    @Test("a generator that takes no work is not asked again before its status says that it is ready")
    func takesNoWork() throws {
        var members = try membership()
        for name in ["g0", "g1"] { _ = members.reported(status(name), by: name) }
        _ = members.failed(ImpRAGError(.unavailable, "gone"), by: "g2")
        #expect(members.stops("g0") == "g0 is stopping")
        #expect(members.stops("g0") == nil && members.stops("g2") == nil)
        for _ in 0..<3 { #expect(try reserved(&members) == "g1") }
        _ = members.reported(status("g0"), by: "g0")
        #expect(try reserved(&members) == "g0")
    }

    @Test("what a shard was left out of is owed until it says that it has that epoch, also by one that went meanwhile")
    func owed() throws {
        var members = try membership()
        members.leftOut("s", of: 7)
        members.leftOut("s", of: 5)
        members.keep(to: [])
        #expect(members.owed == ["s": 7])
        var behind = status("s")
        behind.epoch = 6
        _ = members.reported(behind, by: "s")
        #expect(members.owed == ["s": 7])
        behind.epoch = 7
        _ = members.reported(behind, by: "s")
        #expect(members.owed.isEmpty)
    }

    @Test("a node of another model is refused with both fingerprints")
    func otherModel() throws {
        var members = try membership()
        var foreign = status("s")
        foreign.fingerprint = theirs
        let news = members.reported(foreign, by: "s") ?? ""
        #expect(news.contains(try #require(ours).description))
        #expect(news.contains(try #require(theirs).description))
        #expect(!members.isComplete)
    }

    @Test("what a shard serves is remembered while it is away")
    func passages() throws {
        var members = try membership()
        _ = members.reported(status("s", passages: 500), by: "s")
        _ = members.failed(ImpRAGError(.unavailable, "gone"), by: "s")
        #expect(members.member("s")?.passages == 500)
    }

    @Test("of each partition the most advanced ready replica counts for how far behind the log it is")
    func furthestBehind() throws {
        var members = Membership(
            fingerprint: try #require(ours), members: [("a", .shard), ("b", .shard), ("c", .shard), ("g", .generator)])
        func report(_ name: String, _ epochs: [Int: Int], _ state: NodeState = .ready) {
            _ = members.reported(
                NodeStatus(
                    name: name, role: .shard, state: state, fingerprint: ours,
                    partitions: epochs.sorted { $0.key < $1.key }.map {
                        PartitionFigures(partition: $0.key, passages: 1, epoch: $0.value)
                    }), by: name)
        }
        #expect(members.furthestBehind() == nil)
        report("a", [0: 5, 1: 70])
        report("b", [0: 90, 1: 60])
        #expect(members.furthestBehind() ?? ("", 0, 0) == ("a", 1, 70))
        // One that is loading serves nothing, so it holds nobody up.
        report("c", [2: 0], .loading)
        #expect(members.furthestBehind()?.epoch == 70)
        report("c", [2: 0])
        #expect(members.furthestBehind() ?? ("", 0, 0) == ("c", 2, 0))
    }

    @Test("searches count while they are at a shard, and take turns")
    func searches() throws {
        var members = try membership()
        for expected in [1, 2] {
            members.began("s")
            #expect(members.member("s")?.inFlight == expected)
        }
        for expected in [1, 0, 0] {
            members.released("s")
            #expect(members.member("s")?.inFlight == expected)
        }
        members.began("nobody")
        #expect((0..<3).map { _ in members.takeSearchTurn() } == [0, 1, 2])
    }

    @Test("equally loaded generators take turns, and the least loaded comes first")
    func leastLoaded() throws {
        var members = try membership()
        for name in ["g0", "g1", "g2"] { _ = members.reported(status(name), by: name) }
        #expect(Set(try (0..<3).compactMap { _ in try reserved(&members) }) == ["g0", "g1", "g2"])
        members.released("g1")
        #expect(try reserved(&members) == "g1")
        for name in ["g0", "g1", "g2"] { members.released(name) }
        var chosen: [String] = []
        for _ in 0..<6 {
            let name = try #require(try reserved(&members))
            chosen.append(name)
            members.released(name)
        }
        #expect(Set(chosen).count == 3)
    }

    @Test("only ready generators are asked; without any the error names all and why")
    func noneReady() throws {
        var members = try membership()
        _ = members.reported(status("g1"), by: "g1")
        _ = members.failed(ImpRAGError(.unavailable, "no connection"), by: "g0")
        _ = members.reported(status("g2", .loading), by: "g2")
        #expect(try (0..<3).map { _ in try reserved(&members) } == ["g1", "g1", "g1"])
        for _ in 0...Membership.missesUntilGone {
            _ = members.failed(ImpRAGError(.unavailable, "it is lost"), by: "g1")
            _ = members.failed(ImpRAGError(.unavailable, "no connection"), by: "g0")
        }
        let error = #expect(throws: ImpRAGError.self) { try members.reserveGenerator() }
        #expect(error?.code == .unavailable)
        #expect(
            error?.message
                == "no generator is ready: g0 cannot be reached: no connection; g1 cannot be reached: it is lost; g2 is loading"
        )
    }

    @Test("one late answer is not silence, several are; and requests wait for a silent generator")
    func silence() throws {
        var members = try membership()
        for name in ["s", "g0", "g1", "g2"] { _ = members.reported(status(name), by: name) }
        let late = ImpRAGError(.deadlineExceeded, "no answer")
        let gone = ImpRAGError(.unavailable, "gone")
        for _ in 0...Membership.missesUntilGone { for name in ["g1", "g2"] { _ = members.failed(gone, by: name) } }
        for _ in 1..<Membership.missesUntilSilent { #expect(members.failed(late, by: "g0") == nil) }
        #expect(try reserved(&members) == "g0")
        // An answer in between resets the count.
        _ = members.reported(status("g0"), by: "g0")
        for _ in 1..<Membership.missesUntilSilent { #expect(members.failed(late, by: "g0") == nil) }
        #expect(members.failed(late, by: "g0") == "g0 does not answer: no answer")
        guard case .notYet(let error) = try members.reserveGenerator() else {
            Issue.record("a silent generator was reserved")
            return
        }
        #expect(error.code == .deadlineExceeded)
        #expect(error.message.contains("g0 does not answer: no answer; g1 cannot be reached: gone"))
        #expect(members.reported(status("g0"), by: "g0") == "g0 is ready")
        #expect(try reserved(&members) == "g0")
    }

    @Test("a node that has requests and sends nothing at all is silent one miss sooner")
    func mute() throws {
        var members = try membership()
        let late = ImpRAGError(.deadlineExceeded, "no answer")
        for name in ["s", "g0", "g1"] { _ = members.reported(status(name), by: name) }
        members.began("s")
        for name in ["s", "g0"] { #expect(members.failed(late, by: name, isMute: true) == nil) }
        #expect(members.member("s")?.isDoubtful == true && members.member("g1")?.isDoubtful == false)
        #expect(members.failed(late, by: "s", isMute: true) == "s does not answer: no answer")
        #expect(members.member("s")?.isDoubtful == false)
        // One without requests has nothing to say, and one that says something is there.
        #expect(members.failed(late, by: "g0", isMute: true) == nil)
        members.began("g1")
        for isMute in [true, false] { #expect(members.failed(late, by: "g1", isMute: isMute) == nil) }
    }

    @Test("a generator has a window of requests; those that wait for a place get it in turn, client by client")
    func window() throws {
        var members = try membership()
        _ = members.reported(status("g0"), by: "g0")
        for name in ["g1", "g2"] { _ = members.reported(status(name, .loading), by: name) }
        let (many, few) = (ClientKey(server: 0, routingID: [1]), ClientKey(server: 0, routingID: [2]))
        for waiter in 0..<Membership.generatorWindow {
            #expect(try members.reserveGenerator(for: waiter, of: many) != nil)
        }
        for waiter in [101, 102, 103] { #expect(try members.reserveGenerator(for: waiter, of: many) == nil) }
        // Who has none there yet waits for nobody.
        #expect(try members.reserveGenerator(for: 201, of: few) != nil)
        for waiter in [202, 203] { #expect(try members.reserveGenerator(for: waiter, of: few) == nil) }
        #expect(members.grants().isEmpty)
        members.withdraw(101, of: many)
        members.releasedGenerator("g0", of: many)
        #expect(members.grants().isEmpty)
        for expected in [202, 203, 102, 103] {
            members.releasedGenerator("g0", of: many)
            #expect(members.grants().map(\.waiter) == [expected])
        }
        // When there is nobody to wait for any more, all hear of it.
        #expect(try members.reserveGenerator(for: 104, of: many) == nil)
        _ = members.reported(status("g0", .loading), by: "g0")
        let grants = members.grants()
        #expect(grants.map(\.waiter) == [104])
        guard case .failure? = grants.first?.place else {
            Issue.record("a place at a generator that is loading")
            return
        }
    }

    @Test("a generator whose connection was lost may return for a while; a paused one is silent, not gone")
    func lost() throws {
        var members = try membership()
        let gone = ImpRAGError(.unavailable, "gone")
        for _ in 0...Membership.missesUntilGone { for name in ["g1", "g2"] { _ = members.failed(gone, by: name) } }
        _ = members.reported(status("g0"), by: "g0")
        _ = members.failed(gone, by: "g0")
        #expect(try reserved(&members) == nil)
        #expect(
            members.failed(ImpRAGError(.deadlineExceeded, "no answer"), by: "g0") == "g0 does not answer: no answer")
        #expect(try reserved(&members) == nil)
        for _ in 0...Membership.missesUntilGone { _ = members.failed(gone, by: "g0") }
        #expect(throws: ImpRAGError.self) { try members.reserveGenerator() }
    }
}
