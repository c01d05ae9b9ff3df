internal import Core

extension VectorSource {
    /// Throws `invalidArgument` unless `queries` are whole vectors of finite numbers and `k` is none below 0.
    func check(_ queries: [Float], k: Int) throws(ImpRAGError) {
        guard queries.count % dimension == 0 else {
            throw ImpRAGError(
                .invalidArgument, "the queries have \(queries.count) numbers; this index holds vectors of \(dimension)")
        }
        guard k >= 0 else { throw ImpRAGError(.invalidArgument, "k is \(k); it must be 0 or more") }
        if let place = queries.firstIndex(where: { !$0.isFinite }) {
            throw ImpRAGError(
                .invalidArgument,
                "query \(place / dimension) holds \(queries[place]) at index \(place % dimension); all must be finite")
        }
    }
}
