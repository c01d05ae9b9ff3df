import CWire
import Core

extension StateStoreFigures: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__StateFigures>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            entries: try unsafe count(stored.entries, "state_figures.entries"),
            bytes: ByteCount(try unsafe count(stored.bytes, "state_figures.bytes")),
            budget: ByteCount(try unsafe count(stored.budget, "state_figures.budget")),
            hits: try unsafe count(stored.hits, "state_figures.hits"),
            misses: try unsafe count(stored.misses, "state_figures.misses"),
            evictions: try unsafe count(stored.evictions, "state_figures.evictions"),
            damaged: try unsafe count(stored.damaged, "state_figures.damaged"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__StateFigures> {
        let stored = unsafe arena.make(imprag__state_figures__init)
        unsafe stored.pointee.entries = UInt64(clamping: entries)
        unsafe stored.pointee.bytes = UInt64(clamping: bytes.bytes)
        unsafe stored.pointee.budget = UInt64(clamping: budget.bytes)
        unsafe stored.pointee.hits = UInt64(clamping: hits)
        unsafe stored.pointee.misses = UInt64(clamping: misses)
        unsafe stored.pointee.evictions = UInt64(clamping: evictions)
        unsafe stored.pointee.damaged = UInt64(clamping: damaged)
        return unsafe stored
    }
}
