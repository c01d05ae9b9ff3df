import Core
import Platform
import Synchronization
import Testing

struct NamedThreadTests {
    @Test("what a thread's body held is released when joining returns")
    func release() throws {
        for _ in 0..<2000 {
            let flag = ReleaseFlag()
            try thread(holding: Held(flag)).join()
            #expect(flag.isReleased)
        }
    }

    private func thread(holding held: Held) throws -> NamedThread {
        try NamedThread("holder") { withExtendedLifetime(held) {} }
    }
}

private final class ReleaseFlag: Sendable {
    private let value = Atomic(false)

    var isReleased: Bool { value.load(ordering: .sequentiallyConsistent) }
    func release() { value.store(true, ordering: .sequentiallyConsistent) }
}

/// Tells its flag when it goes.
private final class Held: Sendable {
    private let flag: ReleaseFlag

    init(_ flag: ReleaseFlag) { self.flag = flag }

    deinit { flag.release() }
}
