import CWire
import Core

extension Filter.Bound: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__FilterBound>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        let hasInteger = unsafe stored.integer_presence_case == IMPRAG__FILTER_BOUND__INTEGER_PRESENCE_INTEGER
        let value = unsafe hasInteger ? Number(stored.integer) : Number(stored.value)
        self.init(value, isInclusive: unsafe stored.inclusive != 0)
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__FilterBound> {
        let stored = unsafe arena.make(imprag__filter_bound__init)
        // Set even with an integer: a node that does not know integers compares with the nearest double.
        unsafe stored.pointee.value = value.nearest
        if let integer = value.onlyInteger {
            unsafe stored.pointee.integer_presence_case = IMPRAG__FILTER_BOUND__INTEGER_PRESENCE_INTEGER
            unsafe stored.pointee.integer = integer
        }
        unsafe stored.pointee.inclusive = isInclusive ? 1 : 0
        return unsafe stored
    }
}
