import CWire
import Core

extension RecallFigures: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__RecallMeter>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        let mean = unsafe stored.mean
        guard (0...1).contains(mean) else { throw MalformedField("recall_meter.mean is \(mean); 0 to 1 is possible") }
        self.init(
            mean: mean, k: Int(unsafe stored.k), samples: try unsafe count(stored.samples, "recall_meter.samples"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__RecallMeter> {
        let stored = unsafe arena.make(imprag__recall_meter__init)
        unsafe stored.pointee.mean = mean
        unsafe stored.pointee.k = UInt32(clamping: k)
        unsafe stored.pointee.samples = UInt64(clamping: samples)
        return unsafe stored
    }
}
