import Client
import Core
import Testing

@Suite struct FilterTextTests {
    @Test("every form of a filter is read")
    func forms() throws {
        let cases: [(String, Filter)] = [
            (#"{"field":"lang","equals":"en"}"#, .equals(field: "lang", .string("en"))),
            (#"{"field":"year","equals":1990}"#, .equals(field: "year", .number(1990))),
            (#"{"field":"lang","in":["en",7]}"#, .isOneOf(field: "lang", [.string("en"), .number(7)])),
            (
                #"{"field":"year","at_least":1990,"below":2000.5}"#,
                .range(
                    field: "year", lower: Filter.Bound(1990, isInclusive: true),
                    upper: Filter.Bound(2000.5, isInclusive: false))
            ),
            (
                #"{"field":"year","above":-1}"#,
                .range(field: "year", lower: Filter.Bound(-1, isInclusive: false), upper: nil)
            ),
            (
                #"{"field":"year","at_most":1e3}"#,
                .range(field: "year", lower: nil, upper: Filter.Bound(1000, isInclusive: true))
            ),
            (
                #"{"all":[{"not":{"field":"a","equals":"b"}},{"any":[]}]}"#,
                .all([.not(.equals(field: "a", .string("b"))), .any([])])
            ),
        ]
        for (text, filter) in cases { #expect(try FilterText.parse(text) == filter) }
    }

    @Test(
        "what is wrong is named with its path in the filter, and what would be right",
        arguments: [
            ("", "the filter is not JSON"), ("{", "the filter is not JSON"),
            ("[]", "filter: an object such as"),
            (#"{"feild":"a","equals":"b"}"#, #"filter: there is no "feild"; did you mean "field"?"#),
            (#"{"field":"a","equal":"b"}"#, #"did you mean "equals"?"#),
            (#"{"equals":"b"}"#, #"filter: "field" names a field of the passages, as in "lang", and is missing"#),
            (#"{"field":3,"equals":"b"}"#, "not the number 3"),
            (#"{"field":"a"}"#, "it says nothing about 'a'"),
            (#"{"field":"a","equals":"b","below":3}"#, "equals and below do not go together"),
            (#"{"field":"a","above":1,"at_least":3}"#, "at_least and above do not go together"),
            (#"{"field":"a","below":"z"}"#, #"filter.below: a number is right, not the text "z""#),
            (#"{"field":"a","equals":true}"#, "filter.equals: a text or a number is right, not true"),
            (#"{"field":"a","in":"b"}"#, "filter.in: a list of texts or numbers is right"),
            (#"{"all":[{"field":"a","equals":"b"},{"not":{"field":"c","in":[1,null]}}]}"#, "filter.all[1].not.in[1]: "),
            (#"{"any":{"field":"a","equals":"b"}}"#, "filter.any: a list of filters is right, not an object"),
            (#"{"any":[],"field":"a"}"#, #"filter: "any" stands alone"#),
            (#"{"field":"","equals":"b"}"#, "a field of 0 bytes"),
        ])
    func mistakes(text: String, reason: String) {
        let error = #expect(throws: ImpRAGError.self) { try FilterText.parse(text) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test("whole numbers of 64 bits are kept exactly; of others no digit is lost without a word")
    func exactNumbers() throws {
        #expect(
            try FilterText.parse(#"{"field":"t","equals":9007199254740993}"#)
                == .equals(field: "t", .number(9_007_199_254_740_993)))
        for number in ["9223372036854775808", "9007199254740993.0"] {
            let error = #expect(throws: ImpRAGError.self) {
                try FilterText.parse(#"{"field":"t","at_least":\#(number)}"#)
            }
            #expect(error?.message.contains("filter.at_least: is \(number)") == true, "\(error as Any)")
        }
    }

    @Test("seventeen levels are refused, and so is a text of a hundred thousand")
    func depth() {
        func nested(_ levels: Int) -> String {
            String(repeating: #"{"not":"#, count: levels - 1) + #"{"field":"a","equals":"b"}"#
                + String(repeating: "}", count: levels - 1)
        }
        #expect(throws: Never.self) { try FilterText.parse(nested(16)) }
        let error = #expect(throws: ImpRAGError.self) { try FilterText.parse(nested(17)) }
        #expect(error?.message.contains("deeper than 16 levels") == true)
        #expect(throws: ImpRAGError.self) { try FilterText.parse(nested(100_000)) }
    }
}
