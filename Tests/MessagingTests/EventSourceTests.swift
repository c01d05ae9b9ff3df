import Core
import Foundation
import Messaging
import Synchronization
import Testing

/// What a messenger's thread does besides its messages.
@Suite(.timeLimit(.minutes(1))) struct EventSourceTests {
    private final class Calls: Sendable {
        let count = Atomic(0)

        /// Waits until there have been `count`.
        func wait(for count: Int) async throws {
            let deadline = Deadline.after(milliseconds: 10_000)
            while self.count.load(ordering: .acquiring) < count {
                try #require(!deadline.hasPassed)
                await Task.yield()
            }
        }
    }

    @Test(
        "a source's work is done when its descriptor is readable, when it is due and when it is signalled, and not else"
    )
    func work() async throws {
        let messenger = try Messenger(name: "")
        defer { messenger.close() }
        let pipe = Pipe()
        let reading = pipe.fileHandleForReading
        let calls = Calls()
        try messenger.drive(
            EventSource(descriptor: reading.fileDescriptor) {
                let number = calls.count.add(1, ordering: .acquiringAndReleasing).newValue
                if number == 1 { _ = reading.availableData }
                return number == 1 ? 5 : nil
            })
        try pipe.fileHandleForWriting.write(contentsOf: [1])
        try await calls.wait(for: 2)
        try await Task.sleep(for: .milliseconds(50))
        #expect(calls.count.load(ordering: .acquiring) == 2)
        messenger.signalSource()
        try await calls.wait(for: 3)
    }

    @Test("a signal that comes while its source is still on the way is not lost")
    func earlySignal() async throws {
        let pipe = Pipe()
        for _ in 0..<200 {
            let messenger = try Messenger(name: "")
            defer { messenger.close() }
            let calls = Calls()
            try messenger.drive(
                EventSource(descriptor: pipe.fileHandleForReading.fileDescriptor) {
                    calls.count.add(1, ordering: .acquiringAndReleasing)
                    return nil
                })
            messenger.signalSource()
            try await calls.wait(for: 1)
        }
    }

    @Test("no signal is lost, whatever else wakes the thread or keeps it busy")
    func signals() async throws {
        let server = try Messenger(name: "server")
        let endpoint = try server.listen(on: "tcp://127.0.0.1:*") { _ in }
        let messenger = try Messenger(name: "")
        defer {
            messenger.close()
            server.close()
        }
        let peer = try messenger.connect(to: endpoint, name: "server")
        let calls = Calls()
        let pipe = Pipe()
        try messenger.drive(
            EventSource(descriptor: pipe.fileHandleForReading.fileDescriptor) {
                calls.count.add(1, ordering: .acquiringAndReleasing)
                return nil
            })
        let pings = Task { while !Task.isCancelled { try await peer.ping(deadline: .after(milliseconds: 10_000)) } }
        for _ in 0..<2000 {
            let before = calls.count.load(ordering: .acquiring)
            messenger.signalSource()
            try await calls.wait(for: before + 1)
        }
        pings.cancel()
        _ = await pings.result
        try pipe.fileHandleForWriting.close()
    }
}
