import CWire
import Core

extension Filter.Bound: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__FilterBound>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(unsafe stored.value, isInclusive: unsafe stored.inclusive != 0)
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__FilterBound> {
        let stored = unsafe arena.make(imprag__filter_bound__init)
        unsafe stored.pointee.value = value
        unsafe stored.pointee.inclusive = isInclusive ? 1 : 0
        return unsafe stored
    }
}
