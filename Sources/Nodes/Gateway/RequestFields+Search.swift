import Client
import Core
import Wire

extension RequestFields {
    /// Until a request without `timeout_ms` is given up.
    static let defaultMilliseconds = 30_000

    /// How to search, from fields named as in docs/gateway.md.
    mutating func searchSettings() throws(GatewayFailure) -> SearchSettings {
        var settings = SearchSettings()
        settings.k = try integer("k", in: 0...(1 << 30))
        settings.options.filter = try filter("filter")
        settings.options.recall = try number("recall", in: SearchOptions.recallRange)
        settings.options.isExact = try bool("exact")
        settings.options.minEpoch = try integer("min_epoch", in: SearchOptions.minEpochRange) ?? 0
        settings.words = WordsOptions(mode: try choice("words", WordsMode.self) ?? .off)
        settings.completeness = try choice("completeness", CompletenessPolicy.self) ?? .fail
        settings.milliseconds = try timeout()
        return settings
    }

    /// `timeout_ms`: milliseconds until the request is given up.
    mutating func timeout() throws(GatewayFailure) -> Int {
        try integer("timeout_ms", in: 1...86_400_000) ?? Self.defaultMilliseconds
    }

    /// An object, or its JSON as a string.
    private mutating func filter(_ field: String) throws(GatewayFailure) -> Filter? {
        guard let value = value(field) else { return nil }
        do throws(ImpRAGError) {
            if case .string(let text) = value { return try FilterText.parse(text) }
            return try FilterText.parse(value)
        } catch {
            throw GatewayFailure(error, param: path(field))
        }
    }
}

/// What search and answers have in common.
struct SearchSettings {
    var k: Int?
    var options = SearchOptions()
    var words = WordsOptions()
    var completeness = CompletenessPolicy.fail
    var milliseconds = RequestFields.defaultMilliseconds
}
