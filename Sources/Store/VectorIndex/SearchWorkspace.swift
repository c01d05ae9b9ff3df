internal import Core
internal import Kernels

/// Scratch memory of a search, reused by the next. One owner at a time.
final class SearchWorkspace {
    /// Each scans its share of the lists; the first one collects the results.
    let scanners: [CodeScanner]
    private let codeSize: CodeSize
    /// Of the current query: its coordinates, and its inner products with the centroids' leading coordinates, at least
    /// of the lists that `lists` has returned.
    private(set) var coordinates: [Float]
    private(set) var listScores: [Float]
    private var ranks: [Float]
    private var keys: [UInt64] = []
    private var rankingRoom: ListRanking.Room?
    /// Whether `listScores` are yet to be made, by `lists`.
    private var isUnranked = false
    /// The same for all queries of a group.
    private var allCoordinates: [Float] = []
    private var allListScores: [Float] = []
    var nibbleWeights: [Float]

    init?(_ model: IndexModel) {
        guard let scanner = CodeScanner(shape: model.codeSize.shape),
            let second = CodeScanner(shape: model.codeSize.shape)
        else { return nil }
        scanners = [scanner, second]
        coordinates = [Float](repeating: 0, count: model.width)
        listScores = [Float](repeating: 0, count: model.listCount)
        ranks = listScores
        codeSize = model.codeSize
        nibbleWeights = [Float](repeating: 0, count: model.layout.nibblesPerSegment)
    }

    /// Queries prepared together, so that the model's matrices are read once for all of them.
    static let groupCount = 32

    /// Computes coordinates and list scores of `queries`, `[count × dimension]`. A query's numbers do not depend on the
    /// others, nor on the helpers.
    ///
    /// A query that is alone has its lists ranked by what few of them need; for more it pays to read everything once.
    func prepare(_ queries: [Float], count: Int, _ coded: ListIndex, helpers: WorkerPool? = nil) {
        let model = coded.model
        let (width, head) = (model.width, model.headWidth)
        if allCoordinates.count != count * width {
            allCoordinates = [Float](repeating: 0, count: count * width)
            allListScores = [Float](repeating: 0, count: count * model.listCount)
        }
        multiply(queries.span, model.projection.span, into: &allCoordinates, m: count, n: width, pool: helpers)
        isUnranked = count == 1 && coded.ranking != nil
        guard !isUnranked else { return }
        let heads = IndexTrainer.columns(allCoordinates, width, 0..<head)
        multiply(heads.span, model.heads.span, into: &allListScores, m: count, n: model.listCount, pool: helpers)
    }

    /// Makes query `place` of the group the current one.
    func take(_ place: Int) {
        let (width, lists) = (coordinates.count, listScores.count)
        coordinates = Array(allCoordinates[(place * width)..<((place + 1) * width)])
        guard !isUnranked else { return }
        listScores = Array(allListScores[(place * lists)..<((place + 1) * lists)])
    }

    /// The most promising lists for the current query, best first.
    ///
    /// - Parameter spread: the query's weight for lists' spreads.
    func lists(_ count: Int, _ coded: ListIndex, spread: Float, helpers: WorkerPool?) -> [UInt32] {
        let model = coded.model
        if isUnranked {
            if let near = near(count, coded, spread: spread, helpers: helpers) { return near }
            let head = coordinates.span.extracting(0..<model.headWidth)
            multiply(head, model.heads.span, into: &listScores, pool: helpers)
            isUnranked = false
        }
        addScaled(listScores, model.spreads, times: spread, into: &ranks)
        return placesOfLargest(count, of: ranks, room: &keys)
    }

    /// The same for few of many lists; nil where all scores are needed.
    private func near(_ count: Int, _ coded: ListIndex, spread: Float, helpers: WorkerPool?) -> [UInt32]? {
        guard let ranking = coded.ranking else { return nil }
        var room = rankingRoom.take() ?? ListRanking.Room(listCount: coded.lists.count)
        defer { rankingRoom = room }
        return ranking.best(
            count, for: coordinates, heads: coded.model.heads, spreads: coded.model.spreads, spread: spread,
            scores: &listScores, room: &room, helpers: helpers)
    }

    /// z · centroid for some lists; the part of the leading coordinates is in `listScores`.
    func bases(_ lists: ArraySlice<UInt32>, _ model: IndexModel) -> [Float] {
        let (head, rest) = (model.headWidth, model.width - model.headWidth)
        let coordinates = coordinates
        return lists.map { list in
            let list = Int(list)
            guard rest > 0 else { return listScores[list] }
            return listScores[list]
                + innerProduct(
                    coordinates.span.extracting(head..<model.width),
                    model.tails.span.extracting((list * rest)..<((list + 1) * rest)))
        }
    }

    func fits(_ model: IndexModel) -> Bool {
        listScores.count == model.listCount && coordinates.count == model.width && codeSize == model.codeSize
    }
}

/// Inner products of `m` rows with the `n` rows of `matrix`.
func multiply(
    _ rows: Span<Float>, _ matrix: Span<BFloat16>, into products: inout [Float], m: Int = 1, n: Int? = nil,
    pool: WorkerPool? = nil
) {
    let count = n ?? products.count
    var output = products.mutableSpan
    multiplyTransposed(rows, matrix, into: &output, m: m, n: count, k: rows.count / m, pool: pool)
}
