public import Core
public import Kernels
internal import Synchronization

/// Searches snapshots, and keeps workspaces for reuse. Shared by all threads.
public final class IndexSearcher: Sendable {
    /// Workspaces of the model that was searched last. Only unused ones are here, so each has one owner at a time.
    private struct Rooms: @unchecked Sendable {
        var listCount = 0
        var unused: [SearchWorkspace] = []
    }

    private let rooms = Mutex(Rooms())
    private let flatRooms = Mutex(FlatRooms())
    private static let roomLimit = 64

    public init() {}

    /// The best `k` live rows of `snapshot` for each query.
    ///
    /// A query's hits do not depend on what else is in the call.
    ///
    /// - Parameters:
    ///   - queries: `[n × dimension]`, finite.
    ///   - matches: nil, or the only rows that may be found, all of them live.
    ///   - helpers: threads that share the work of each query.
    /// - Throws: `invalidArgument` for a wrong size, or a number beyond `VectorLimit`;
    ///   `deadlineExceeded`, and what the source throws.
    public func search(
        _ queries: [Float], k: Int, plan: SearchPlan, in snapshot: IndexSnapshot, source: any VectorSource,
        matches: RowSet? = nil, helpers: WorkerPool? = nil, deadline: Deadline
    ) throws(ImpRAGError) -> [IndexSnapshot.Outcome] {
        let dimension = source.dimension
        try source.check(queries, k: k)
        let workspace = try snapshot.coded.map { coded throws(ImpRAGError) in try room(for: coded.model) }
        defer { if let workspace { giveBack(workspace) } }
        let scanners = try flatScanners(helpers?.threadCount ?? 1)
        defer { giveBack(scanners) }
        var outcomes: [IndexSnapshot.Outcome] = []
        for group in stride(from: 0, to: queries.count, by: SearchWorkspace.groupCount * dimension) {
            let end = min(group + SearchWorkspace.groupCount * dimension, queries.count)
            if let workspace, let coded = snapshot.coded {
                workspace.prepare(
                    Array(queries[group..<end]), count: (end - group) / dimension, coded, helpers: helpers)
            }
            try deadline.check("search")
            let best = snapshot.searchFlat(
                Array(queries[group..<end]), count: (end - group) / dimension, k: k, matches: matches,
                scanners: scanners, helpers: helpers)
            for (place, first) in stride(from: group, to: end, by: dimension).enumerated() {
                workspace?.take(place)
                outcomes.append(
                    try snapshot.search(
                        Array(queries[first..<(first + dimension)]), k: k, plan: plan, matches: matches, source: source,
                        best: best[place], workspace: workspace, helpers: helpers, deadline: deadline))
            }
        }
        return outcomes
    }

    /// The candidates of one query, before rescoring.
    func candidates(
        for query: [Float], k: Int, plan: SearchPlan, in snapshot: IndexSnapshot, coded: ListIndex
    ) throws(ImpRAGError) -> IndexSnapshot.Candidates {
        let workspace = try room(for: coded.model)
        defer { giveBack(workspace) }
        workspace.prepare(query, count: 1, coded)
        workspace.take(0)
        return try snapshot.candidates(for: query, k: k, plan: plan, coded: coded, workspace: workspace)
    }

    private func room(for model: IndexModel) throws(ImpRAGError) -> SearchWorkspace {
        let unused = rooms.withLock { rooms -> Loan in
            if rooms.listCount != model.listCount {
                rooms.listCount = model.listCount
                rooms.unused = []
            }
            return Loan(workspace: rooms.unused.popLast())
        }
        if let workspace = unused.workspace, workspace.fits(model) { return workspace }
        guard let made = SearchWorkspace(model) else {
            throw ImpRAGError(.internal, "this processor has no instructions for codes")
        }
        return made
    }

    private func giveBack(_ workspace: SearchWorkspace) {
        let loan = Loan(workspace: workspace)
        rooms.withLock { rooms in
            guard let workspace = loan.workspace, workspace.listScores.count == rooms.listCount,
                rooms.unused.count < Self.roomLimit
            else { return }
            rooms.unused.append(workspace)
        }
    }

    /// Carries a workspace out of the lock; its holder is its only owner.
    private struct Loan: @unchecked Sendable {
        let workspace: SearchWorkspace?
    }

    // MARK: Scanners of rows that are in no list

    /// Those that nobody uses, so each has one owner at a time.
    private struct FlatRooms: @unchecked Sendable {
        var unused: [FlatScanner] = []
    }

    private func flatScanners(_ count: Int) throws(ImpRAGError) -> [FlatScanner] {
        let rooms = flatRooms.withLock { rooms -> FlatRooms in
            let taken = rooms.unused.suffix(count)
            rooms.unused.removeLast(taken.count)
            return FlatRooms(unused: Array(taken))
        }
        var scanners = rooms.unused
        while scanners.count < count {
            guard let made = FlatScanner() else {
                throw ImpRAGError(.internal, "this processor has no instructions for codes")
            }
            scanners.append(made)
        }
        return scanners
    }

    private func giveBack(_ scanners: [FlatScanner]) {
        let loan = FlatRooms(unused: scanners)
        flatRooms.withLock { rooms in
            rooms.unused += loan.unused.prefix(max(0, Self.roomLimit - rooms.unused.count))
        }
    }
}
