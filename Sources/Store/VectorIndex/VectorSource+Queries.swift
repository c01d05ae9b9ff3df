internal import Core

extension VectorSource {
    /// Throws `invalidArgument` unless `queries` are whole vectors of numbers within `VectorLimit` and `k` is 0 or
    /// more.
    func check(_ queries: [Float], k: Int) throws(ImpRAGError) {
        guard queries.count % dimension == 0 else {
            throw ImpRAGError(
                .invalidArgument, "the queries have \(queries.count) numbers; this index holds vectors of \(dimension)")
        }
        guard k >= 0 else { throw ImpRAGError(.invalidArgument, "k is \(k); it must be 0 or more") }
        if let fault = VectorLimit.fault(in: queries[...], dimension: dimension) {
            throw ImpRAGError(.invalidArgument, "query \(fault.vector) \(fault.words)")
        }
    }
}
