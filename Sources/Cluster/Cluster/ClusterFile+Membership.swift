import Core
import Etcd
import HTTP

extension ClusterFile {
    /// The object `membership`; nil when it is absent or wrong.
    static func membership(_ file: inout ObjectReader, _ directory: String) -> MembershipSettings? {
        guard var reader = file.object("membership") else { return nil }
        let replicas = reader.integer("replicas", in: 1...16) ?? 2
        guard var etcd = reader.object("etcd") else {
            if reader.value("etcd") == nil { reader.report("etcd", "is missing: where etcd is, and its \"prefix\"") }
            reader.reportUnknown()
            return nil
        }
        reader.reportUnknown()
        let endpoints = endpoints(&etcd)
        let trust = HTTPTrust(
            authorities: etcd.string("ca").map { absolute($0, in: directory) },
            certificate: etcd.string("certificate").map { absolute($0, in: directory) },
            key: etcd.string("key").map { absolute($0, in: directory) })
        if (trust.certificate == nil) != (trust.key == nil) {
            etcd.report("\"certificate\" and \"key\" belong together: the client's certificate and its private key")
        }
        let (user, passwordFile) = (etcd.string("user"), etcd.string("password_file"))
        if (user == nil) != (passwordFile == nil) {
            etcd.report("\"user\" and \"password_file\" belong together; the file's first line is the password")
        }
        if user != nil, let open = endpoints.first(where: isOpen) {
            etcd.report("endpoints", "\(open) would carry the password in clear; https:// is right")
        }
        let prefix = prefix(&etcd)
        let seconds = etcd.integer("ttl_seconds", in: 5...3600) ?? 10
        etcd.reportUnknown()
        guard !endpoints.isEmpty, let prefix else { return nil }
        return MembershipSettings(
            etcd: EtcdSettings(
                endpoints: endpoints, trust: trust, user: user,
                passwordFile: passwordFile.map { absolute($0, in: directory) }),
            prefix: prefix, leaseSeconds: seconds, replicas: replicas)
    }

    private static func endpoints(_ reader: inout ObjectReader) -> [String] {
        guard let values = reader.list("endpoints"), (1...16).contains(values.count) else {
            reader.report("endpoints", "1 to 16 of http://HOST:PORT or https://HOST:PORT are right")
            return []
        }
        var endpoints: [String] = []
        for (place, value) in values.enumerated() {
            guard case .string(var text) = value, isEndpoint(text) else {
                reader.report(
                    "endpoints[\(place)]", "http://HOST:PORT or https://HOST:PORT is right, not \(value.kind)")
                continue
            }
            if text.hasSuffix("/") { text.removeLast() }
            endpoints.append(text)
        }
        return endpoints
    }

    private static func isEndpoint(_ text: String) -> Bool {
        for scheme in ["http://", "https://"] where text.hasPrefix(scheme) {
            let rest = text.dropFirst(scheme.count)
            let host = rest.hasSuffix("/") ? rest.dropLast() : rest
            return !host.isEmpty && host.count <= 255
                && host.utf8.allSatisfy { byte in
                    byte.isNameByte || byte == UInt8(ascii: ":") || byte == UInt8(ascii: "[")
                        || byte == UInt8(ascii: "]")
                }
        }
        return false
    }

    /// Whether what is sent there can be read on the way.
    private static func isOpen(_ endpoint: String) -> Bool {
        endpoint.hasPrefix("http://")
            && !["127.", "localhost", "[::1]"].contains { endpoint.hasPrefix("http://" + $0) }
    }

    private static func prefix(_ reader: inout ObjectReader) -> String? {
        guard let text = reader.requiredString("prefix", "what this cluster's keys begin with, as in \"/imprag/wiki\"")
        else {
            return nil
        }
        let isRight =
            text.hasPrefix("/") && !text.hasSuffix("/") && text.utf8.count <= 200
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard isRight else {
            reader.report(
                "prefix", "\"\(text)\" is not a path such as \"/imprag/wiki\", without a slash at its end")
            return nil
        }
        return text
    }

    /// The fields of a shard whose partitions are placed.
    static func placedShard(_ reader: inout ObjectReader) -> (weight: Double?, zone: String?) {
        if reader.value("partitions") != nil {
            reader.report(
                "partitions", "cannot be chosen here: with \"membership\" the shards divide them by their weights")
        }
        if reader.boolean("read_only") == true {
            reader.report("read_only", "is not possible with \"membership\": replicas come and go")
        }
        let zone = reader.string("zone")
        if let zone, !Registration.isZone(zone) { reader.report("zone", "\"\(zone)\" \(Registration.zoneRule)") }
        return (reader.number("weight", in: Registration.weightRange), zone)
    }
}
