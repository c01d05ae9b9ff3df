import CWire

/// Says that the log has reached an epoch: the shard follows it there at once instead of when it next looks. Reply:
/// `ApplyReply`; with `update` not before all of the shard's partitions have applied the epoch.
public struct ApplyRequest: Hashable, Sendable {
    /// From 1.
    public var epoch: Int
    /// The update, counted from 0 among those of the epoch's segment, whose outcome is wanted; nil for none.
    public var update: Int?

    public init(epoch: Int, update: Int? = nil) {
        self.epoch = epoch
        self.update = update
    }
}

extension ApplyRequest: @unsafe WireMessage {
    init(stored: UnsafePointer<Imprag__ApplyRequest>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        let epoch = try unsafe checkedEpoch(stored.epoch, "apply_request.epoch")
        guard epoch > 0 else { throw MalformedField("apply_request.epoch is 0; a log's epochs begin at 1") }
        let hasUpdate = unsafe stored.update_presence_case == IMPRAG__APPLY_REQUEST__UPDATE_PRESENCE_UPDATE
        self.init(epoch: epoch, update: hasUpdate ? Int(unsafe stored.update) : nil)
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__ApplyRequest> {
        let stored = unsafe arena.make(imprag__apply_request__init)
        unsafe stored.pointee.epoch = UInt64(clamping: epoch)
        if let update {
            unsafe stored.pointee.update_presence_case = IMPRAG__APPLY_REQUEST__UPDATE_PRESENCE_UPDATE
            unsafe stored.pointee.update = UInt32(clamping: update)
        }
        return unsafe stored
    }
}
