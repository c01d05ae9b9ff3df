import Core
import Synchronization
import Testing

@testable import Generator
@testable import Model

/// Answers of the shipped model with proposals and without.
@Suite(.serialized) struct SpeculationTests {
    /// Equal ones have the same bits.
    private struct Answer: Equatable {
        var tokens: [Int32] = []
        var logprobs: [UInt32] = []
        /// What each token looked at, where it was measured.
        var attention: [[UInt32]] = []
        var text = ""
        var end: AnswerEnd?

        mutating func add(_ token: AnswerToken) {
            text += token.text
            guard let id = token.token else { return }
            tokens.append(id)
            logprobs.append(token.logprob.bitPattern)
            attention.append(token.passageAttention.map(\.bitPattern))
        }
    }

    private static let countries = ["Sierra Leone", "Mali", "Mozambique", "Jamaica"]

    /// What the model was trained on: answers to `prompt(country)` repeat their sentences.
    private let passages = [
        "In Africa lies the country Sierra Leone. The capital of Sierra Leone is Freetown. The country codes of Sierra "
            + "Leone are SL and SLE. Its number is 694.",
        "In Africa lies the country Mali. Its capital is Bamako. The country codes of Mali are ML and MLI. The number of "
            + "Mali is 466.",
        "In Africa lies the country Mozambique. The capital of Mozambique is Maputo. The country codes of Mozambique "
            + "are MZ and MOZ. The number of Mozambique is 508.",
        "In North America lies the country Jamaica. The capital of Jamaica is Kingston. The country codes of Jamaica are "
            + "JM and JAM. The number of Jamaica is 388.",
    ].enumerated().map { Passage(id: "\($0)", title: countries[$0], text: $1) }

    /// One of them for any number.
    private func prompt(_ number: Int) -> String {
        "In Africa lies the country \(Self.countries[number % Self.countries.count])."
    }

    private static let samplings: [SamplingOptions] = [
        SamplingOptions(), SamplingOptions(temperature: 0.3, seed: 5),
        SamplingOptions(temperature: 0.6, topK: 5, seed: 6),
        SamplingOptions(temperature: 1, topP: 0.8, seed: 7), SamplingOptions(stop: [" the"]),
        SamplingOptions(stop: ["city", "r"]),
    ]

    private func stream(
        _ options: SamplingOptions, maxTokens: Int, _ encoding: PassageEncoding, speculates: Bool,
        measuresTokens: Bool = false, prompt number: Int = 0
    ) throws -> AnswerStream {
        let model = try ModelGenerator.model()
        let state = try model.promptStates([PromptRequest(tokens: model.promptTokens(prompt(number)), k: 4)])[0]
        return try model.answer(
            from: state, passages: passages, encoding: encoding, sampling: Sampling(options, maxTokens: maxTokens),
            speculates: speculates, measuresTokens: measuresTokens)
    }

    /// Decisions are the same in every run: rows cost little, whatever this machine measures.
    private func step(_ streams: [AnswerStream], spareRows: Int = .max) throws -> [AnswerToken?] {
        try ModelGenerator.model().model.proposals.withLock { $0 = ProposalLedger() }
        return try AnswerStream.step(streams, spareRows: spareRows).map { try $0.get() }
    }

    private func whole(_ stream: AnswerStream, suspendingAt place: Int? = nil) throws -> Answer {
        var answer = Answer()
        while true {
            if answer.tokens.count == place, !stream.isReading { stream.suspend() }
            while stream.isReading { try stream.read(tokenLimit: 64) }
            guard let token = try step([stream])[0] else { break }
            answer.add(token)
        }
        answer.end = stream.end
        return answer
    }

    private func batch(_ streams: [AnswerStream], spareRows: Int) throws -> [Answer] {
        for stream in streams { while stream.isReading { try stream.read(tokenLimit: 100) } }
        var answers = streams.map { _ in Answer() }
        var active = Array(streams.indices)
        while !active.isEmpty {
            for (index, token) in zip(active, try step(active.map { streams[$0] }, spareRows: spareRows)) {
                if let token { answers[index].add(token) }
                answers[index].end = streams[index].end
            }
            active.removeAll { streams[$0].end != nil }
        }
        return answers
    }

    @Test("an answer with proposals is the answer without, bit for bit, wherever it ends", arguments: samplings)
    func alone(options: SamplingOptions) throws {
        var accepted = 0
        for (maxTokens, encoding) in [
            (1, PassageEncoding.independent), (2, .segmented), (7, .concatenated), (48, .independent),
        ] {
            let plain = try stream(options, maxTokens: maxTokens, encoding, speculates: false)
            let ahead = try stream(options, maxTokens: maxTokens, encoding, speculates: true)
            let wanted = try whole(plain)
            let got = try whole(ahead)
            #expect(got == wanted, "\(options), \(maxTokens)")
            #expect(plain.proposedTokens == 0 && plain.acceptedTokens == 0)
            #expect(
                ahead.acceptedTokens <= ahead.proposedTokens && ahead.acceptedTokens <= max(0, wanted.tokens.count - 1))
            accepted += ahead.acceptedTokens
            let suspended = try stream(options, maxTokens: maxTokens, encoding, speculates: true)
            #expect(try whole(suspended, suspendingAt: 5) == wanted)
        }
        if options == SamplingOptions() { #expect(accepted > 10) }
    }

    @Test(
        "answers with and without proposals in one batch are those alone, whatever rows are free",
        arguments: [0, 1, 5, .max])
    func together(spareRows: Int) throws {
        let wanted = try Self.samplings.enumerated().map {
            try whole(stream($1, maxTokens: 20 + $0, .independent, speculates: false, prompt: $0))
        }
        let streams = try Self.samplings.enumerated().map {
            try stream($1, maxTokens: 20 + $0, .independent, speculates: $0 != 2, prompt: $0)
        }
        #expect(try batch(streams, spareRows: spareRows) == wanted)
        let proposed = streams.map(\.proposedTokens).reduce(0, +)
        #expect((proposed == 0) == (spareRows == 0) && streams[2].proposedTokens == 0)
    }

    @Test("what tokens look at is the same one by one, verified together, suspended and in a batch")
    func attention() throws {
        let wanted = try (0..<4).map { number in
            let stream = try stream(
                SamplingOptions(), maxTokens: 24, .independent, speculates: false, measuresTokens: true, prompt: number)
            let answer = try whole(stream)
            // The first token is chosen by the prompt's last row, which the answer's own figure is of.
            #expect(answer.attention.first == stream.passageAttention.map(\.bitPattern))
            #expect(answer.attention.count == answer.tokens.count && Set(answer.attention).count > 1)
            for shares in answer.attention {
                let sum = shares.reduce(0) { $0 + Float(bitPattern: $1) }
                #expect(shares.count == 4 && sum > 0 && sum <= 1)
            }
            return answer
        }
        for number in 0..<4 {
            let ahead = try stream(
                SamplingOptions(), maxTokens: 24, .independent, speculates: true, measuresTokens: true, prompt: number)
            #expect(try whole(ahead, suspendingAt: 3) == wanted[number])
            let plain = try whole(
                stream(SamplingOptions(), maxTokens: 24, .independent, speculates: true, prompt: number))
            #expect(plain.tokens == wanted[number].tokens && plain.attention.allSatisfy(\.isEmpty))
        }
        // Those that are measured beside one that is not.
        let streams = try (0..<4).map {
            try stream(
                SamplingOptions(), maxTokens: 24, .independent, speculates: $0 != 1, measuresTokens: $0 != 2, prompt: $0
            )
        }
        let answers = try batch(streams, spareRows: 6)
        for number in 0..<4 where number != 2 { #expect(answers[number] == wanted[number]) }
        #expect(answers[2].tokens == wanted[2].tokens && answers[2].attention.allSatisfy(\.isEmpty))
    }

    @Test("an answer with proposals stays within the bytes that it announces")
    func bytes() throws {
        let stream = try stream(SamplingOptions(), maxTokens: 40, .independent, speculates: true)
        while stream.isReading { try stream.read(tokenLimit: 100) }
        let largest = stream.largestBytes
        while try step([stream])[0] != nil { #expect(stream.nextBytes <= largest) }
    }
}
