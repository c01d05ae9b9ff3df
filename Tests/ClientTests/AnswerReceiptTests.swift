import Client
import Core
import Testing
import Wire

@Suite struct AnswerReceiptTests {
    private static let passages = [
        ScoredPassage(
            passage: Passage(id: "kenya", title: "Kenya", text: "The capital is Nairobi."), score: 0.1, rank: 0,
            byVector: ListPlace(score: 12.5, rank: 0), byWords: ListPlace(score: 1e-7, rank: 3)),
        ScoredPassage(
            passage: Passage(id: "peru", title: "", text: "\u{8}\u{1B}\"東京\"\n"), score: 16_777_216, rank: 1,
            byVector: ListPlace(score: -3, rank: 1)),
    ]

    private static func record(
        epoch: Int = 3, generator: Arithmetic? = nil, collection: String = String(repeating: "c", count: 32)
    ) -> AskRecord {
        AskRecord(
            fingerprint: Fingerprint(hex: String(repeating: "ab", count: 32))!,
            coordinator: Arithmetic(build: "0.1.0", compute: "bf16", kernels: "avx2"), collectionID: collection,
            collectionName: "wiki", k: 2,
            encoding: .independent, wordsWeight: 0.4,
            sampling: SamplingOptions(
                temperature: 0.7, topP: 0.9, topK: 5, seed: .max, stop: ["\n", "Q:"], maxTokens: 32),
            partitions: [PartitionFigures(partition: 0, passages: 7, epoch: epoch)], abstains: true,
            generator: generator)
    }

    private static let request = AskRequest(
        prompt: "Q: Où ? A:",
        options: SearchOptions(
            recall: 0.95,
            filter: .all([.equals(field: "lang", .string("en")), .not(.isOneOf(field: "year", [.number(1990.5)]))])),
        words: WordsOptions(mode: .fuse))

    private static func receipt(
        passages: [ScoredPassage] = passages, tokens: [Int32] = [1, 2], epoch: Int = 3,
        abstention: Abstention? = Abstention(.unsupported, "too little"), generator: Arithmetic? = nil,
        collection: String = String(repeating: "c", count: 32)
    ) throws -> AnswerReceipt {
        try AnswerReceipt(
            asked: request, AskSources(passages: passages, completeness: FakeCoordinator.completeness), " Nairobi",
            tokens.map { AnswerToken(text: "", token: $0, logprob: 0) },
            AskDone(
                end: .stop, passageAttention: [0.25, 0.125], promptTokenCount: 9, generatedTokenCount: 2,
                timings: Timings(), completeness: FakeCoordinator.completeness, abstention: abstention,
                record: record(epoch: epoch, generator: generator, collection: collection)))
    }

    @Test("what is written is read again, and asks for the same once the epoch is there")
    func roundTrip() throws {
        for receipt in [try Self.receipt(), try Self.receipt(passages: [], tokens: [], abstention: nil)] {
            let read = try AnswerReceipt(Array(receipt.text.utf8), name: "r.json")
            #expect(read == receipt && read.text == receipt.text && read.differences(from: receipt) == [])
            #expect(read.replay.options.minEpoch == 3 && read.replay.sampling == Self.record().sampling)
            #expect(read.replay.k == 2 && read.replay.encoding == .independent && read.replay.abstains == true)
            #expect(read.replay.words == WordsOptions(mode: .fuse, weight: 0.4))
            #expect(read.replay.options.filter == Self.request.options.filter)
        }
    }

    /// As Python has them: json.dumps(receipt, sort_keys=True, separators=(",", ":"), ensure_ascii=False), without the
    /// checksum, and hashlib.sha256 of that.
    @Test("text and checksum are what Python makes of the same values")
    func golden() throws {
        #expect(try Self.receipt().text == Self.golden)
    }

    private static let golden =
        #"{"answer":{"abstained":{"reason":"unsupported","why":"too little"},"attention":[0.25,0.125],""#
        + #"finish":"stop","text":" Nairobi","tokens":[1,2]},"build":"0.1.0","checksum":"654cefdd825ecef3"#
        + #"643767a944ce88ead7d85d6a0daac5e7c6a572e486f973cd","collection":{"id":"ccccccccccccccccccccccc"#
        + #"ccccccccc","name":"wiki","partitions":[{"epoch":3,"partition":0,"passages":7}]},"imprag_recei"#
        + #"pt":1,"model":{"compute":"bf16","fingerprint":"ababababababababababababababababababababababab"#
        + #"ababababababababab","kernels":"avx2"},"passages":[{"by_vector":{"rank":1,"score":12.5},"by_wo"#
        + #"rds":{"rank":4,"score":1e-07},"id":"kenya","rank":1,"score":0.1,"sha256":"49d15f7b6ca3682a4a1"#
        + #"a87230b9003145a9bae95eaa151e12ae37deeb957cfd4"},{"by_vector":{"rank":2,"score":-3.0},"id":"pe"#
        + #"ru","rank":2,"score":16777216.0,"sha256":"0d65966e71c085801edfc37aa9ee2d02b6c077b74511923297d"#
        + #"023238b19785d"}],"request":{"abstain":true,"completeness":"fail","encoding":"independent","ex"#
        + #"act":false,"filter":{"all":[{"equals":"en","field":"lang"},{"not":{"field":"year","in":[1990."#
        + #"5]}}]},"k":2,"max_tokens":32,"min_epoch":0,"prompt":"Q: Où ? A:","recall":0.95,"seed":1844674"#
        + #"4073709551615,"speculate":true,"stop":["\n","Q:"],"temperature":0.7,"top_k":5,"top_p":0.9,"wo"#
        + #"rds":"fuse","words_weight":0.4}}"#

    @Test("a byte that is another one is noticed; spaces and the order of fields do not count")
    func tampered() throws {
        let text = try Self.receipt().text
        #expect(try AnswerReceipt(Array(text.replacing(",", with: ",\n  ").utf8), name: "r") == Self.receipt())
        let bytes = Array(text.utf8)
        for place in bytes.indices {
            var damaged = bytes
            damaged[place] = damaged[place] == 0x37 ? 0x38 : 0x37
            #expect(throws: ImpRAGError.self, "byte \(place)") { try AnswerReceipt(damaged, name: "r") }
        }
        let cases = [
            ("{}", "is no receipt"), ("[]", "is no receipt"), ("", "bad JSON"),
            (#"{"imprag_receipt":2,"checksum":""}"#, "has format 2"),
            (text.replacing("Nairobi", with: "Kisumu"), "does not match its checksum"),
        ]
        for (text, reason) in cases {
            let error = #expect(throws: ImpRAGError.self) { try AnswerReceipt(Array(text.utf8), name: "r") }
            #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
        }
    }

    @Test("what differs is named: passages gone, changed, outranked, new; scores; tokens; later epochs")
    func differences() throws {
        let before = try Self.receipt()
        var other = Self.passages
        other[0].passage = Passage(id: "kenya", title: "Kenya", text: "The capital is Kisumu.")
        #expect(
            before.differences(from: try Self.receipt(passages: other)) == [
                "passage kenya has changed: its title or text is another one",
                "the receipt's answer is not computed again: what it was read from is not there as it was",
            ])
        other = Self.passages
        other[1].score.negate()
        #expect(
            before.differences(from: try Self.receipt(passages: other)) == [
                "passage peru has the score -16777216.0, not 16777216.0"
            ])
        other = [Self.passages[0]]
        let gone = before.differences(from: try Self.receipt(passages: other, tokens: [1, 3], epoch: 5))
        #expect(
            gone == [
                "passage peru is gone: deleted, or changed so that it is not found any more",
                "the receipt's answer is not computed again: what it was read from is not there as it was",
                "the index has 2 later epochs: the receipt's answer is of epoch 3",
            ])
        let below = before.differences(from: try Self.receipt(passages: other), others: before.passages)
        #expect(below == ["passage peru is still there, but others come before it"])
        #expect(
            try before.differences(from: Self.receipt(tokens: [1, 3])) == [
                "the answer has other tokens; the first 1 of 2 are the same"
            ])
        #expect(
            try before.differences(from: Self.receipt(tokens: [1, 2, 3])) == [
                "the answer has 3 tokens, not 2; the first 2 are the same"
            ])
        let fewer = try Self.receipt(passages: other)
        #expect(fewer.differences(from: before) == ["passage peru is new, at rank 2"])
        #expect(
            before.differences(from: try Self.receipt(abstention: nil)) == [
                "the answer is given, not refused for unsupported"
            ])
    }

    @Test("an answer of a copy of the collection can be the same; where it is not, that it is a copy comes first")
    func copy() throws {
        let before = try Self.receipt()
        let copy = try Self.receipt(collection: "d")
        #expect(before.differences(from: copy) == [])
        let words = "the receipt's collection is \(String(repeating: "c", count: 32)) (wiki), and the cluster serves d"
        #expect(before.otherCollection(than: copy) == words && before.otherCollection(than: before) == nil)
        let fewer = try Self.receipt(passages: [Self.passages[0]], collection: "d")
        #expect(
            before.differences(from: fewer).prefix(2) == [
                words, "passage peru is gone: deleted, or changed so that it is not found any more",
            ])
    }

    @Test("the generator's kernels are written and read, and said where an answer differs")
    func generator() throws {
        let (mine, theirs) = (
            Arithmetic(build: "0.1.0", compute: "bf16", kernels: "avx2"),
            Arithmetic(build: "0.1.0", compute: "bf16", kernels: "avx512")
        )
        let receipt = try Self.receipt(generator: mine)
        let read = try AnswerReceipt(Array(receipt.text.utf8), name: "r.json")
        #expect(read == receipt && read.record.generator == mine)
        #expect(receipt.differences(from: try Self.receipt(generator: theirs)) == [])
        #expect(
            receipt.differences(from: try Self.receipt(tokens: [1, 3], generator: theirs)).last
                == "the generator computes in bf16 on avx512, version 0.1.0, and did in bf16 on avx2, version 0.1.0")
        // One of the two is of a version that does not say.
        #expect(receipt.differences(from: try Self.receipt(tokens: [1, 3])).count == 1)
    }

    @Test("a cluster that does not say what its answers were made with gets no receipt")
    func old() {
        let error = #expect(throws: ImpRAGError.self) {
            try AnswerReceipt(asked: Self.request, FakeCoordinator.sources, "", [], FakeCoordinator.done)
        }
        #expect(error?.code == .failedPrecondition)
    }
}
