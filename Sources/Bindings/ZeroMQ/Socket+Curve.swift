import CZeroMQ

/// Encryption and authentication of a socket's connections, to be chosen before it is bound or connected.
extension Socket {
    /// Where libzmq asks who may connect: a REP socket of the same context answers there (ZeroMQ's RFC 27, ZAP).
    public static let authenticationEndpoint = "inproc://zeromq.zap.01"

    /// Accepts only peers that know the public half of `secretKey`, and whose own key the handler at
    /// `authenticationEndpoint` lets in. Without a handler nobody gets in.
    public func useCurve(asServerWith secretKey: String, domain: String) throws(ZeroMQError) {
        try set(ZMQ_CURVE_SERVER, 1)
        try set(ZMQ_CURVE_SECRETKEY, text: secretKey)
        try set(ZMQ_ZAP_DOMAIN, text: domain)
        try set(ZMQ_ZAP_ENFORCE_DOMAIN, 1)
    }

    /// Talks only to a server that has the secret half of `server`, as the holder of the pair of the two others.
    public func useCurve(
        asClientOf server: String, publicKey: String, secretKey: String
    ) throws(ZeroMQError) {
        try set(ZMQ_CURVE_SERVERKEY, text: server)
        try set(ZMQ_CURVE_PUBLICKEY, text: publicKey)
        try set(ZMQ_CURVE_SECRETKEY, text: secretKey)
    }

    private func set(_ name: Int32, _ value: Int32) throws(ZeroMQError) {
        var value = value
        guard unsafe zmq_setsockopt(raw, name, &value, MemoryLayout<Int32>.size) == 0 else {
            throw ZeroMQError("zmq_setsockopt")
        }
    }

    private func set(_ name: Int32, text: String) throws(ZeroMQError) {
        let bytes = Array(text.utf8)
        guard unsafe zmq_setsockopt(raw, name, bytes, bytes.count) == 0 else { throw ZeroMQError("zmq_setsockopt") }
    }
}
