public import Core
internal import Foundation

/// A measure of one query's ranking, as trec_eval defines it.
///
/// Source: trec_eval 9 (`m_ndcg_cut.c`, `m_map.c`, `m_recip_rank.c`, `m_Rprec.c`, `m_recall.c`, `m_P.c`). A document
/// is relevant when its grade is 1 or more; one without a judgment is not.
public enum RankingMetric: Sendable, Equatable, Hashable {
    /// The gain is the grade, the discount log₂(rank + 1), the ideal all judged documents by grade.
    case ndcg(at: Int)
    /// Mean average precision over the whole ranking.
    case map
    /// One over the rank of the first relevant document.
    case mrr
    /// Precision at R, the number of relevant documents.
    case rPrecision
    case recall(at: Int)
    /// Divided by k even when fewer documents were found.
    case precision(at: Int)

    /// What `imprag eval --beir` reports.
    public static let reported: [RankingMetric] = [
        .ndcg(at: 10), .map, .mrr, .rPrecision, .recall(at: 10), .recall(at: 100),
    ]

    /// From a name such as `ndcg@10`; case does not count.
    ///
    /// - Throws: `invalidArgument` with the names that exist.
    public init(name: String) throws(ImpRAGError) {
        let parts = name.lowercased().split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let cutoff = parts.count == 2 ? Int(parts[1]).flatMap { $0 > 0 ? $0 : nil } : nil
        switch (parts.first ?? "", cutoff, parts.count) {
        case ("ndcg", let k?, _): self = .ndcg(at: k)
        case ("recall", let k?, _): self = .recall(at: k)
        case ("p", let k?, _): self = .precision(at: k)
        case ("map", _, 1): self = .map
        case ("mrr", _, 1): self = .mrr
        case ("rprec", _, 1): self = .rPrecision
        default:
            throw ImpRAGError(
                .invalidArgument,
                "there is no metric '\(name)'; ndcg@K, map, mrr, rprec, recall@K and p@K are right, K from 1")
        }
    }

    public var name: String {
        switch self {
        case .ndcg(let k): "ndcg@\(k)"
        case .map: "map"
        case .mrr: "mrr"
        case .rPrecision: "rprec"
        case .recall(let k): "recall@\(k)"
        case .precision(let k): "p@\(k)"
        }
    }

    /// - Parameters:
    ///   - ranking: best first, no document twice.
    ///   - grades: the query's judgments.
    /// - Returns: 0…1; 0 when no document is relevant.
    public func value(_ ranking: [ByteString], grades: [ByteString: Int]) -> Double {
        let relevant = grades.values.count { $0 > 0 }
        guard relevant > 0 else { return 0 }
        let found = ranking.map { max(0, grades[$0] ?? 0) }
        func hits(_ k: Int) -> Double { Double(found.prefix(k).count { $0 > 0 }) }
        switch self {
        case .ndcg(let k): return Self.gain(found, k) / Self.gain(grades.values.sorted(by: >), k)
        case .map: return Self.precisionSum(found) / Double(relevant)
        case .mrr: return found.firstIndex { $0 > 0 }.map { 1 / Double($0 + 1) } ?? 0
        case .rPrecision: return hits(relevant) / Double(relevant)
        case .recall(let k): return hits(k) / Double(relevant)
        case .precision(let k): return hits(k) / Double(k)
        }
    }

    /// The value for every judged query, in the order of `Judgments.queries`. One that the run lacks counts 0, as for
    /// trec_eval's `-c`: a system that skips hard queries must not gain by that.
    public func values(_ run: RankedRun, _ judgments: Judgments) -> [Double] {
        judgments.queries.map { query in
            value((run.rankings[query] ?? []).map(\.document), grades: judgments.grades[query] ?? [:])
        }
    }

    private static func gain(_ grades: [Int], _ k: Int) -> Double {
        grades.prefix(k).enumerated().reduce(0) { $0 + Double(max(0, $1.element)) / log2(Double($1.offset + 2)) }
    }

    /// The sum of the precisions at the relevant documents' ranks.
    private static func precisionSum(_ found: [Int]) -> Double {
        var (seen, sum) = (0.0, 0.0)
        for (place, grade) in found.enumerated() where grade > 0 {
            seen += 1
            sum += seen / Double(place + 1)
        }
        return sum
    }
}
