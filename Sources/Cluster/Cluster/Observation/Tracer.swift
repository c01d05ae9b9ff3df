package import Core
package import Messaging
import Platform
import Synchronization
import Wire

/// Decides which requests are recorded, and writes their spans to a file on a thread of its own. What the disk does not
/// take in time is dropped and counted.
package final class Tracer: Sendable {
    /// Requests whose spans wait to be written.
    static let queueLimit = 1024

    private let form: TraceText
    private let share: Double
    private let random: Mutex<SplitMix64>
    private let queue = BlockingQueue<[TraceSpan]>(limit: queueLimit)
    private let thread = Mutex<NamedThread?>(nil)
    private let dropped = Counter()

    /// - Parameters:
    ///   - share: of clients' requests without a trace, those for which one is begun, 0 to 1.
    ///   - seed: of the numbers of traces and spans, and of what is recorded.
    ///   - write: takes lines, on the tracer's thread; false when one was lost.
    package init(
        node: String, role: NodeRole, share: Double, seed: UInt64, clock: any Clock, wall: WallTime = .now,
        write: @escaping @Sendable (String) -> Bool
    ) throws(ImpRAGError) {
        form = TraceText(node: node, role: role, origin: (clock.now, wall))
        self.share = share
        random = Mutex(SplitMix64(seed: seed))
        let started = try NamedThread("traces") { [form, queue, dropped] in
            while let spans = queue.pop() {
                if !write(form.text(of: spans) + "\n") { dropped.add() }
            }
        }
        thread.withLock { $0 = started }
    }

    deinit {
        queue.close()
    }

    /// Writes what waits; later spans are lost.
    package func stop() {
        queue.close()
        _ = thread.withLock { $0 }?.join(milliseconds: 1000)
    }

    func register(in metrics: MetricRegistry) throws(ImpRAGError) {
        try metrics.counter("imprag_dropped_traces_total", "Requests whose spans could not be written.") {
            [dropped] in dropped.value
        }
    }

    /// What records `request`; nil when nobody does. Nodes' requests are recorded when those that caused them are.
    package func trace(of request: IncomingRequest) -> RequestTrace? {
        if let caller = request.callerTrace {
            return caller.isSampled ? begin(request, caller.trace, parent: caller.span) : nil
        }
        guard share > 0, request.claimedName.isEmpty else { return nil }
        let (chance, high, low) = random.withLock { random in
            (Double.random(in: 0..<1, using: &random), random.next(), random.next())
        }
        return chance < share ? TraceID(high: high, low: low).flatMap { begin(request, $0, parent: nil) } : nil
    }

    private func begin(_ request: IncomingRequest, _ trace: TraceID, parent: UInt64?) -> RequestTrace {
        // The tracer outlives what it records: its server has both.
        RequestTrace(
            trace, parent: parent, name: request.body.name, start: request.arrival,
            nextNumber: { [self] in random.withLock { $0.next() } },
            finished: { [self] spans in if queue.push(spans) != .accepted { dropped.add() } })
    }
}
