import Cluster
import Core
import SimulatedWorld
import Synchronization
import Testing

@testable import Coordinator

/// Which requests a coordinator takes for its own.
@Suite(.simulated) struct ServedCollectionTests {
    /// What aliases stand for, and how often somebody has looked.
    private final class Aliases: Sendable {
        private let state = Mutex<(targets: [String: String], isAway: Bool, looks: Int)>(([:], false, 0))

        var looks: Int { state.withLock { $0.looks } }

        func set(_ alias: String, _ collection: String?) { state.withLock { $0.targets[alias] = collection } }
        func set(isAway: Bool) { state.withLock { $0.isAway = isAway } }

        func all() throws(ImpRAGError) -> [(alias: String, collection: String)] {
            try state.withLock { state throws(ImpRAGError) in
                state.looks += 1
                guard !state.isAway else { throw ImpRAGError(.unavailable, "the store is away") }
                return state.targets.map { ($0.key, $0.value) }
            }
        }

        func collection(of alias: String) throws(ImpRAGError) -> String? {
            try state.withLock { state throws(ImpRAGError) in
                state.looks += 1
                guard !state.isAway else { throw ImpRAGError(.unavailable, "the store is away") }
                return state.targets[alias]
            }
        }
    }

    private static func served(_ name: String, _ aliases: Aliases) throws -> ServedCollection {
        try ServedCollection(name: name, on: .inTest) { alias, _ throws(ImpRAGError) in
            try aliases.collection(of: alias)
        }
    }

    /// Whether `served` takes a request for `name`.
    private static func takes(_ served: ServedCollection, _ name: String) async throws -> Bool {
        do throws(ImpRAGError) {
            try await served.require(name, deadline: .inTest())
            return true
        } catch {
            #expect(error.code == .unavailable && error.cause is OtherCollection)
            return false
        }
    }

    @Test(
        "the aliases of the collection are told, looked up at most once a second, and remembered while the store is away"
    )
    func listing() async throws {
        let aliases = Aliases()
        let served = try ServedCollection(
            name: "wiki-1", on: .inTest,
            list: { _ throws(ImpRAGError) in try aliases.all() },
            lookUp: { alias, _ throws(ImpRAGError) in try aliases.collection(of: alias) })
        #expect(await served.aliases(deadline: .inTest()).isEmpty)
        aliases.set("wiki", "wiki-1")
        aliases.set("best", "wiki-1")
        aliases.set("other", "wiki-2")
        #expect(await served.aliases(deadline: .inTest()).isEmpty && aliases.looks == 1)
        try await SimulatedTest.pass(milliseconds: 1100)
        #expect(await served.aliases(deadline: .inTest()) == ["best", "wiki"])
        aliases.set(isAway: true)
        try await SimulatedTest.pass(milliseconds: 1100)
        #expect(await served.aliases(deadline: .inTest()) == ["best", "wiki"])
        let nameless = try ServedCollection(name: nil, on: .inTest) { _, _ in nil }
        #expect(await nameless.aliases(deadline: .inTest()).isEmpty)
    }

    @Test("requests are taken by the collection's name and its aliases; others are refused with what is known")
    func names() async throws {
        let aliases = Aliases()
        aliases.set("wiki", "wiki-1")
        aliases.set("other", "wiki-2")
        let served = try Self.served("wiki-1", aliases)
        #expect(try await Self.takes(served, "wiki-1"))
        #expect(aliases.looks == 0)
        #expect(try await Self.takes(served, "wiki"))
        #expect(try await !Self.takes(served, "other"))
        let error = await #expect(throws: ImpRAGError.self) { try await served.require("other", deadline: .inTest()) }
        for part in ["serves the collection wiki-1", "the alias other stands for wiki-2"] {
            #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
        }
        let unknown = await #expect(throws: ImpRAGError.self) { try await served.require("none", deadline: .inTest()) }
        #expect(unknown?.message.contains("no alias none is known here") == true)
    }

    @Test("while an alias moves, one of the two coordinators takes each request, and within a second it is the new one")
    func moved() async throws {
        let aliases = Aliases()
        aliases.set("wiki", "wiki-1")
        let (old, new) = (try Self.served("wiki-1", aliases), try Self.served("wiki-2", aliases))
        for _ in 0..<20 {
            #expect(try await Self.takes(old, "wiki"))
            #expect(try await !Self.takes(new, "wiki"))
            try await SimulatedTest.pass(milliseconds: 37)
        }
        aliases.set("wiki", "wiki-2")
        for step in 0..<60 {
            let both = (try await Self.takes(old, "wiki"), try await Self.takes(new, "wiki"))
            #expect(both.0 || both.1, "step \(step)")
            // A request that comes after the move is refused by nobody who should take it.
            #expect(both.1, "step \(step)")
            if step * 25 > 1500 { #expect(!both.0, "step \(step)") }
            try await SimulatedTest.pass(milliseconds: 25)
        }
    }

    @Test("what is served is known without a look for each request, and holds while the store is away")
    func away() async throws {
        let aliases = Aliases()
        aliases.set("wiki", "wiki-1")
        let served = try Self.served("wiki-1", aliases)
        for _ in 0..<1000 {
            #expect(try await Self.takes(served, "wiki"))
            try await SimulatedTest.pass(milliseconds: 1)
        }
        #expect(aliases.looks < 10)
        aliases.set(isAway: true)
        try await SimulatedTest.pass(milliseconds: 10_000)
        for _ in 0..<5 {
            #expect(try await Self.takes(served, "wiki"))
            try await SimulatedTest.pass(milliseconds: 700)
        }
        #expect(try await !Self.takes(served, "other"))
        aliases.set(isAway: false)
        aliases.set("wiki", nil)
        try await SimulatedTest.pass(milliseconds: 2000)
        #expect(try await !Self.takes(served, "wiki"))
    }
}
