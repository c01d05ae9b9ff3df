import Core

/// Refuses bodies that are compressed or otherwise encoded: they would be called no JSON.
enum BodyCoding {
    /// - Parameter coding: the header `Content-Encoding`.
    static func refuse(_ coding: String?) throws(GatewayFailure) {
        guard let coding, !["", "identity"].contains(coding.lowercased()) else { return }
        throw GatewayFailure(
            ImpRAGError(.invalidArgument, "a body in the content coding \"\(coding)\" is not taken; send it as it is"),
            status: 415,
            headers: ["Accept-Encoding": "identity"])
    }
}
