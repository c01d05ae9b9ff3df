import CWire
import Core

extension ListPlace: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__ListPlace>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(score: unsafe stored.score, rank: Int(unsafe stored.rank))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__ListPlace> {
        let stored = unsafe arena.make(imprag__list_place__init)
        unsafe stored.pointee.score = score
        unsafe stored.pointee.rank = UInt32(clamping: rank)
        return unsafe stored
    }
}
