public import Core
import Foundation

/// What a node says of itself in the registry.
public struct Registration: Sendable, Hashable {
    /// A partition that a shard serves.
    public struct Served: Sendable, Hashable {
        public let number: Int
        /// It had everything up to this epoch when it said so.
        public let epoch: Int

        public init(number: Int, epoch: Int) {
            self.number = number
            self.epoch = epoch
        }
    }

    public let role: NodeRole
    /// Where others reach it.
    public let endpoint: Endpoint
    /// Nil while it loads.
    public var fingerprint: Fingerprint?
    /// A shard's share of the partitions, relative to that of others.
    public var weight: Double
    /// Of a shard: see `Placement.Shard`.
    public var zone: String
    /// In order of their numbers.
    public var partitions: [Served]
    /// It takes nothing new. It keeps its share of the partitions for as long as its lease: it may only be restarted.
    public var isStopping: Bool

    /// Bytes of one entry that are read.
    static let byteLimit = 256 << 10
    static let weightRange = 0.01...1000.0
    static let zoneRule = "must be 1 to 64 letters, digits, \"-\", \"_\" and \".\""

    /// Whether a zone may be called so.
    static func isZone(_ text: String) -> Bool { ClusterFile.isName(text) }

    /// - Throws: `invalidArgument` for what no zone may be called.
    public static func checkedZone(_ text: String) throws(ImpRAGError) -> String {
        guard isZone(text) else { throw ImpRAGError(.invalidArgument, "the zone \"\(text)\" \(zoneRule)") }
        return text
    }

    public init(
        role: NodeRole, endpoint: Endpoint, fingerprint: Fingerprint? = nil, weight: Double = 1,
        zone: String = "", partitions: [Served] = [], isStopping: Bool = false
    ) {
        self.role = role
        self.endpoint = endpoint
        self.fingerprint = fingerprint
        self.weight = weight
        self.zone = zone
        self.partitions = partitions
        self.isStopping = isStopping
    }
}

extension Registration {
    /// As it stands in the registry:
    ///
    ///     {"role":"shard","endpoint":"tcp://10.0.0.1:7101","fingerprint":"…","weight":1,"state":"serving",
    ///      "zone":"eu-1a","partitions":[{"number":0,"epoch":12}]}
    func encoded() throws(ImpRAGError) -> [UInt8] {
        var members: [ByteString: JSONValue] = [
            "role": .string(role.rawValue), "endpoint": .string(endpoint.description), "weight": .number(weight),
            "state": .string(isStopping ? Self.stopping : Self.serving),
            "partitions": .array(
                partitions.map { .object(["number": .integer($0.number), "epoch": .integer($0.epoch)]) }),
        ]
        if !zone.isEmpty { members["zone"] = .string(zone) }
        if let fingerprint { members["fingerprint"] = .string(fingerprint.description) }
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(JSONValue.object(members)))
        } catch {
            throw ImpRAGError(.internal, "a registration cannot be written as JSON", cause: error)
        }
    }

    /// Reads an entry of the registry; fields that it does not know are of a later version.
    ///
    /// - Parameter key: for errors.
    init(_ bytes: [UInt8], key: String) throws(ImpRAGError) {
        guard bytes.count <= Self.byteLimit else {
            throw ImpRAGError(
                .dataLoss, "\(key) has \(bytes.count) bytes; a registration has at most \(Self.byteLimit)")
        }
        let field = JSONField(path: key, name: "", value: try JSONScanner.value(.text(key), bytes: bytes))
        guard let role = NodeRole(rawValue: try field.required("role").string()) else {
            throw try field.required("role").failure("is no role")
        }
        self.role = role
        endpoint = try Endpoint(field.required("endpoint").string())
        if let text = try field.optional("fingerprint") {
            guard let found = Fingerprint(hex: try text.string()) else { throw text.failure("is no fingerprint") }
            fingerprint = found
        }
        weight = try field.optional("weight")?.double() ?? 1
        guard Self.weightRange.contains(weight) else {
            throw try field.required("weight").failure(
                "must be from \(Self.weightRange.lowerBound) to \(Self.weightRange.upperBound)")
        }
        zone = try field.optional("zone")?.string() ?? ""
        guard zone.isEmpty || Self.isZone(zone) else { throw try field.required("zone").failure(Self.zoneRule) }
        isStopping = try field.optional("state")?.string() == Self.stopping
        var served: [Served] = []
        for element in try field.optional("partitions")?.elements() ?? [] {
            let number = try element.required("number")
            guard (0..<ClusterConfiguration.partitionLimit).contains(try number.integer()) else {
                throw number.failure("must be from 0 to \(ClusterConfiguration.partitionLimit - 1)")
            }
            served.append(Served(number: try number.integer(), epoch: try element.required("epoch").integer()))
        }
        partitions = served
    }

    private static let serving = "serving"
    private static let stopping = "stopping"
}
