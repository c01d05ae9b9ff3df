import Core

extension ObservationSettings {
    /// Reads the fields of the cluster file's outermost object, which nodes inherit: not all can be shared.
    init(_ file: inout ObjectReader, directory: String) {
        self.init()
        readShared(&file, directory)
    }

    /// Reads a node's fields; those that are missing are the file's.
    init(_ node: inout ObjectReader, directory: String, orElse shared: ObservationSettings) {
        self = shared
        readShared(&node, directory)
        guard let text = node.string("metrics") else { return }
        do {
            metrics = try Endpoint("tcp://" + text)
        } catch {
            node.report("metrics", "\"\(text)\" is no HOST:PORT, as in 127.0.0.1:9464")
        }
    }

    private mutating func readShared(_ reader: inout ObjectReader, _ directory: String) {
        if let format = reader.choice("log_format", of: Log.Format.self) { logFormat = format }
        if let file = reader.string("trace_file") { traceFile = ClusterFile.absolute(file, in: directory) }
        if let share = reader.number("trace_share", in: 0...1) { traceShare = share }
    }

    /// Reports nodes of one machine that would serve their metrics at the same address.
    static func reportDoubles(_ nodes: [NodeConfiguration], _ problems: Problems) {
        struct Place: Hashable {
            let machine: String
            let address: Endpoint
        }
        var owners: [Place: String] = [:]
        for node in nodes {
            guard let address = node.observation.metrics, address.address?.port != 0 else { continue }
            let place = Place(machine: node.connect.remoteHost ?? "", address: address)
            guard let owner = owners[place] else {
                owners[place] = node.name
                continue
            }
            let text = address.description.dropFirst("tcp://".count)
            problems.add(
                "nodes", "\(owner) and \(node.name) both serve their metrics at \(text); give each a port of its own")
        }
    }
}
