/// What maintenance does next about a partition's vector index, decided from a few figures. Pure: it looks at no clock,
/// disk or lock.
struct MaintenancePolicy: Equatable, Sendable {
    /// Live rows.
    var live: Int
    /// Rows that no list holds, and how many of them are dead.
    var flat: Int
    var flatDead: Int
    /// Up to so many live rows need no lists (`IndexConstruction.flatLimit`).
    var flatLimit: Int
    /// Nil while there is no index.
    var lists: Lists?
    /// Whether a new index can be built beside the one in use.
    var hasMemory = true
    /// Whether searches came that show that the calibration does not hold for them.
    var needsCalibration = false

    struct Lists: Equatable, Sendable {
        /// Vectors in lists, dead ones included.
        var coded: Int
        /// Live rows when the model was trained.
        var trainedRows: Int
        /// Mean relative error of the codes when the model was trained, and of what was coded since.
        var trainedError: Double
        var recentError: Double
    }

    enum Decision: Equatable, Sendable {
        case nothing
        /// Dead rows leave the flat part of a partition without lists.
        case forget
        /// A first or a new index is learned from all vectors.
        case rebuild
        /// Rows of the flat part move into lists.
        case absorb
        /// Lists are rewritten without their dead vectors.
        case compact
        /// The effort of searches is measured anew.
        case calibrate
        /// A rebuild is due and does not fit into memory, and there is nothing else to do.
        case outOfMemory
    }

    /// Rows without a list from which on it is worth moving them.
    static let moveAt = 512
    /// Share of dead vectors in the lists from which on they are rewritten without them.
    private static let deadShare = 0.1
    /// How much worse than at training codes may become, and how much larger the partition, before everything is
    /// learned anew.
    private static let errorGrowth = 1.3
    private static let sizeGrowth = 3.0

    /// The most urgent piece of work.
    var decision: Decision {
        guard let lists else {
            if live > flatLimit { return hasMemory ? .rebuild : .outOfMemory }
            return flat - live >= Self.moveAt ? .forget : .nothing
        }
        let hasDrifted = lists.recentError > lists.trainedError * Self.errorGrowth
        let hasGrown = Double(live) > Double(lists.trainedRows) * Self.sizeGrowth
        let isOutdated = hasDrifted || hasGrown
        if isOutdated, hasMemory { return .rebuild }
        if flat >= Self.moveAt { return .absorb }
        let dead = lists.coded - (live - (flat - flatDead))
        if Double(dead) > Self.deadShare * Double(lists.coded) { return .compact }
        if needsCalibration { return .calibrate }
        // The old lists go on serving, but somebody should know.
        return isOutdated ? .outOfMemory : .nothing
    }
}
