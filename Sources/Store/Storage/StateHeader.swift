/// What a store of passage states belongs to, as stored in it.
struct StateHeader: Codable, Equatable {
    /// Version of the layout: `StateFormat.schema`.
    var schema: Int
    /// The model's, 64 hexadecimal digits.
    var fingerprint: String
}
