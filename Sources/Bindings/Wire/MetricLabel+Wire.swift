import CWire
import Core

extension MetricLabel: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__MetricLabel>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        self.init(
            try unsafe checkedText(stored.name, "metric_label.name"),
            try unsafe checkedText(stored.value, "metric_label.value"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__MetricLabel> {
        let stored = unsafe arena.make(imprag__metric_label__init)
        unsafe stored.pointee.name = arena.bytes(of: name)
        unsafe stored.pointee.value = arena.bytes(of: value)
        return unsafe stored
    }
}
