import CWire
import Core

extension SearchOptions: @unsafe WireMessage {
    /// Lets settings out of range through: the receiver reports all problems at once.
    init(stored: UnsafePointer<Imprag__SearchOptions>) throws(MalformedField) {
        let stored = unsafe stored.pointee
        let hasRecall = unsafe stored.recall_presence_case == IMPRAG__SEARCH_OPTIONS__RECALL_PRESENCE_RECALL
        let hasProbes = unsafe stored.probes_presence_case == IMPRAG__SEARCH_OPTIONS__PROBES_PRESENCE_PROBES
        let hasCandidates =
            unsafe stored.candidates_presence_case == IMPRAG__SEARCH_OPTIONS__CANDIDATES_PRESENCE_CANDIDATES
        self.init(
            isExact: unsafe stored.exact != 0,
            recall: hasRecall ? unsafe stored.recall : nil,
            probes: hasProbes ? Int(unsafe stored.probes) : nil,
            candidates: hasCandidates ? Int(unsafe stored.candidates) : nil,
            filter: try unsafe optionalSubmessage(stored.filter),
            minEpoch: try unsafe checkedEpoch(stored.min_epoch, "search_options.min_epoch"))
    }

    func store(in arena: Arena) -> UnsafeMutablePointer<Imprag__SearchOptions> {
        let stored = unsafe arena.make(imprag__search_options__init)
        unsafe stored.pointee.exact = isExact ? 1 : 0
        if let recall {
            unsafe stored.pointee.recall_presence_case = IMPRAG__SEARCH_OPTIONS__RECALL_PRESENCE_RECALL
            unsafe stored.pointee.recall = recall
        }
        if let probes {
            unsafe stored.pointee.probes_presence_case = IMPRAG__SEARCH_OPTIONS__PROBES_PRESENCE_PROBES
            unsafe stored.pointee.probes = UInt32(clamping: probes)
        }
        if let candidates {
            unsafe stored.pointee.candidates_presence_case = IMPRAG__SEARCH_OPTIONS__CANDIDATES_PRESENCE_CANDIDATES
            unsafe stored.pointee.candidates = UInt32(clamping: candidates)
        }
        unsafe stored.pointee.filter = filter?.store(in: arena)
        unsafe stored.pointee.min_epoch = UInt64(clamping: minEpoch)
        return unsafe stored
    }
}
