import Core

/// Passages to put into the collection.
struct UpsertBody {
    let passages: [Passage]
    let model: String
    let wait: UpdateWait
    let milliseconds: Int

    init(_ body: [UInt8]) throws(GatewayFailure) {
        var fields = try RequestFields(body: body)
        guard let list = try fields.list("passages"), !list.isEmpty else {
            throw .field("passages", "passages is missing or empty; at least one is right")
        }
        var passages: [Passage] = []
        for (place, value) in list.enumerated() { passages.append(try Self.passage(value, "passages[\(place)]")) }
        self.passages = passages
        model = try fields.string("model") ?? ""
        wait = try fields.choice("wait", UpdateWait.self) ?? .durable
        milliseconds = try fields.timeout()
        try fields.refuseOthers()
    }

    private static func passage(_ value: JSONValue, _ name: String) throws(GatewayFailure) -> Passage {
        var fields = try RequestFields(value, name: name)
        var metadata: [ByteString: MetadataValue] = [:]
        if let value = fields.value("metadata") {
            do throws(ImpRAGError) {
                metadata = try JSONField(path: "the body", name: fields.path("metadata"), value: value).metadata()
            } catch {
                throw GatewayFailure(error, param: fields.path("metadata"))
            }
        }
        let passage = Passage(
            id: try fields.requiredString("id"), title: try fields.string("title") ?? "",
            text: try fields.requiredString("text"), metadata: metadata)
        try fields.refuseOthers()
        guard passage.problems.isEmpty else {
            throw .field(name, "\(name): \(passage.problems.joined(separator: "; "))")
        }
        return passage
    }
}

/// Passages to take out of the collection.
struct DeletionBody {
    let ids: [String]
    var model = ""
    var wait = UpdateWait.durable
    var milliseconds = RequestFields.defaultMilliseconds

    init(id: String) { ids = [id] }

    init(_ body: [UInt8]) throws(GatewayFailure) {
        var fields = try RequestFields(body: body)
        guard let ids = try fields.strings("ids"), !ids.isEmpty else {
            throw .field("ids", "ids is missing or empty; at least one is right")
        }
        self.ids = ids
        model = try fields.string("model") ?? ""
        wait = try fields.choice("wait", UpdateWait.self) ?? .durable
        milliseconds = try fields.timeout()
        try fields.refuseOthers()
    }
}
