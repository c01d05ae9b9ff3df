import Foundation
import TestSupport
import Testing

/// Answers that say how sure they are, over the running command.
@Suite(.serialized)
struct CertaintyTests {
    private static let model = SharedData.packageRoot + "/Models/encyclopedia-tiny"
    private static let examples = SharedData.packageRoot + "/Examples/encyclopedia"

    private struct Row: Decodable {
        let id: String
        let question: String?
        let answers: [String]?
        let passage: String?
    }

    /// What every test has a copy of.
    private struct Made {
        let directory: TemporaryDirectory
        /// About passages that are in the index, and as many about others.
        let known: [Row]
        let unknown: [Row]
    }

    private static let made = Result { try make() }

    private let directory: TemporaryDirectory
    private var index: String { directory.file("index") }
    private let known: [Row]
    private let unknown: [Row]

    init() throws {
        directory = try TemporaryDirectory()
        let made = try Self.made.get()
        try directory.copy(["index", "questions.jsonl"], of: made.directory)
        (known, unknown) = (made.known, made.unknown)
    }

    private static func make() throws -> Made {
        let directory = try TemporaryDirectory()
        func lines(_ name: String) throws -> [Data] {
            try Data(contentsOf: URL(filePath: "\(examples)/\(name)")).split(separator: 0x0A).map { Data($0) }
        }
        func row(_ line: Data) throws -> Row { try JSONDecoder().decode(Row.self, from: line) }
        let questions = try lines("questions.jsonl").prefix(80).map(row)
        let (known, unknown) = (Array(questions.prefix(40)), Array(questions.suffix(40)))
        let (wanted, left) = (Set(known.compactMap(\.passage)), Set(unknown.compactMap(\.passage)))
        let passages = try lines("passages.jsonl").enumerated().filter { place, line in
            let id = try row(line).id
            return wanted.contains(id) || place % 40 == 0 && !left.contains(id)
        }.map(\.element)
        try Data(passages.joined(separator: [0x0A])).write(to: URL(filePath: directory.file("corpus.jsonl")))
        try Imprag.succeed([
            "index", "--model", model, "--corpus", directory.file("corpus.jsonl"), "--out", directory.file("index"),
        ])
        let rows = known.map {
            ["id": $0.id, "question": $0.question ?? "", "answers": $0.answers ?? []] as [String: Any]
        }
        let others = unknown.map {
            ["id": $0.id, "question": $0.question ?? "", "answers": [] as [String]] as [String: Any]
        }
        let text = try (rows + others).map { try JSONSerialization.data(withJSONObject: $0) }
        try Data(text.joined(separator: [0x0A])).write(to: URL(filePath: directory.file("questions.jsonl")))
        return Made(directory: directory, known: known, unknown: unknown)
    }

    private func cluster(_ more: [String] = []) throws -> RunningCluster {
        try RunningCluster(model: Self.model, index: index, socket: directory.file("c"), more)
    }

    private func object(_ outcome: Imprag.Outcome, status: Int32 = 0) throws -> [String: Any] {
        try #require(outcome.status == status, "\(outcome.errors)")
        return try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
    }

    @Test("an answer is computed again from its receipt; a passage that is deleted or changed is named")
    func replay() throws {
        let cluster = try cluster()
        let receipt = directory.file("receipt.json")
        let question = known[0].question ?? ""
        for more in [[], ["--temperature", "0.8", "--words", "fuse"]] {
            let asked = try cluster.run(
                ["ask", question, "--k", "2", "--max-tokens", "8", "--receipt", receipt] + more)
            try #require(asked.status == 0, "\(asked.errors)")
            let again = try cluster.run(["replay", receipt])
            #expect(again.status == 0 && again.output.hasPrefix("the same: 2 passages"), "\(again)")
        }
        let text = try String(contentsOfFile: receipt, encoding: .utf8)
        #expect(text.contains(#""generator":{"build":"#), "\(text)")
        let read = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let ids = try #require(read["passages"] as? [[String: Any]]).compactMap { $0["id"] as? String }
        try text.replacing("\"k\":2", with: "\"k\":3").write(
            toFile: directory.file("bad.json"), atomically: true, encoding: .utf8)
        let bad = try cluster.run(["replay", directory.file("bad.json")])
        #expect(bad.status == 1 && bad.errors.contains("does not match its checksum"))

        let deleted = try cluster.run(["delete", ids[1], "--wait", "found"])
        try #require(deleted.status == 0, "\(deleted.errors)")
        let gone = try cluster.run(["replay", receipt])
        #expect(gone.status == 1 && gone.output.contains("passage \(ids[1]) is gone"), "\(gone)")
        #expect(gone.output.contains("the index has 1 later epoch:"), "\(gone)")
        let update = directory.file("update.jsonl")
        try #"{"id": "\#(ids[0])", "title": "T", "text": "Another text."}"#.write(
            toFile: update, atomically: true, encoding: .utf8)
        let changed = try cluster.run(["upsert", "--file", update, "--wait", "found"])
        try #require(changed.status == 0, "\(changed.errors)")
        let differs = try object(cluster.run(["replay", receipt, "--json"]), status: 1)
        let lines = try #require(differs["differences"] as? [String])
        #expect(lines.contains { $0.hasPrefix("passage \(ids[0]) ") } && differs["same"] as? Bool == false, "\(lines)")
        #expect(lines.contains { $0.hasPrefix("the receipt's answer is not computed again") }, "\(lines)")
        #expect(!lines.contains { $0.hasPrefix("the answer has") }, "\(lines)")
    }

    @Test("a receipt whose epoch is kept says how to serve it, and from a copy of that its answer is computed again")
    func wayBack() throws {
        let cluster = try cluster()
        let (old, new) = (directory.file("old.json"), directory.file("new.json"))
        let ask = ["ask", known[0].question ?? "", "--k", "2", "--max-tokens", "8", "--receipt"]
        try #require(cluster.run(ask + [old]).status == 0)
        let read = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: old))) as? [String: Any]
        let id = try #require((read?["passages"] as? [[String: Any]])?.first?["id"] as? String)
        try #require(cluster.run(["delete", id, "--wait", "found"]).status == 0)
        try #require(cluster.run(ask + [new]).status == 0)

        let asked = try cluster.run(["replay", old])
        #expect(asked.status == 1 && asked.output.contains("--store LOCATION"), "\(asked)")
        let kept = try object(cluster.run(["replay", old, "--store", index, "--json"]), status: 1)
        let notes = try #require(kept["notes"] as? [String])
        #expect(notes.last?.contains("`imprag restore \(index) --epoch 0 --to DIRECTORY`") == true, "\(notes)")
        let wrong = try cluster.run(["replay", old, "--store", directory.file("none")])
        #expect(wrong.status == 1 && wrong.output.contains("cannot be served any more: "), "\(wrong)")

        let copy = directory.file("copy")
        let restored = try Imprag.run(["restore", index, "--epoch", "0", "--to", copy], seconds: 60)
        try #require(restored.status == 0, "\(restored.errors)")
        let second = try RunningCluster(model: Self.model, index: copy, socket: directory.file("d"))
        let again = try second.run(["replay", old])
        #expect(again.status == 0 && again.output.hasPrefix("the same: 2 passages"), "\(again)")
        #expect(again.output.contains("the receipt's collection is "), "\(again)")
        let older = try second.run(["replay", new, "--deadline", "5000"])
        #expect(older.status == 1 && older.output.contains("it has reached epoch 0"), "\(older)")
    }

    @Test("thresholds that a running cluster was measured with make it refuse questions that it cannot answer")
    func calibrated() throws {
        let cluster = try cluster(["--abstain"])
        let before = try object(cluster.run(["ask", unknown[0].question ?? "", "--json"]))
        #expect((before["abstain_notice"] as? String)?.contains("has no thresholds") == true)
        let questions = directory.file("questions.jsonl")
        let options = ["--max-tokens", "8", "--json"]
        let measured = try object(
            cluster.run(["eval", "--calibrate", questions, "--store", index] + options, seconds: 120))
        #expect(measured["questions"] as? Int == 80 && measured["kept"] as? Bool == true)
        let answered = try #require(measured["answered"] as? Int)
        #expect(answered > 0 && answered < 80)
        // The coordinator reads the thresholds for requests that come later than a second.
        Thread.sleep(forTimeInterval: 1.1)
        let evaluated = try object(
            cluster.run(["eval", "--questions", questions, "--abstain"] + options, seconds: 120))
        #expect(try #require(evaluated["answered"] as? Double) == Double(answered) / 80)
        #expect(
            try #require(evaluated["answered_em"] as? Double)
                == Double(try #require(measured["answered_right"] as? Int)) / Double(answered))
        let refused = try unknown.contains { row in
            let answer = try object(cluster.run(["ask", row.question ?? "", "--json", "--max-tokens", "8"]))
            let reason = (answer["abstained"] as? [String: Any])?["reason"] as? String
            if reason != nil { #expect(answer["answer"] as? String == "") }
            return reason == "low_score" || reason == "unsupported"
        }
        #expect(refused)
        let text = try cluster.run(["ask", "anything", "--k", "0"])
        #expect(text.status == 0 && text.output.hasPrefix("No answer: no_context: "), "\(text)")
    }

    @Test("without a cluster, thresholds are measured and kept in the index, and used")
    func local() throws {
        let questions = directory.file("questions.jsonl")
        let here = ["--model", Self.model, "--index", index, "--max-tokens", "8"]
        let measured = try Imprag.run(["eval", "--calibrate", questions] + here, seconds: 120)
        #expect(measured.status == 0 && measured.output.contains("kept with the collection in \(index)"), "\(measured)")
        #expect(measured.output.contains("by vector  by attention"))
        let evaluated = try object(
            Imprag.run(["eval", "--questions", questions, "--abstain", "--json"] + here, seconds: 120))
        #expect(try #require(evaluated["answered"] as? Double) < 1)
        let verified = try Imprag.run(["verify", index])
        #expect(verified.status == 0, "\(verified)")
        for (arguments, message) in [
            (["--calibrate", questions, "--questions", questions], "one of --questions"),
            (["--questions", questions, "--risk", "0.5"], "--risk is about --calibrate"),
            (["--calibrate", questions, "--abstain"], "does not go with --calibrate"),
        ] {
            let outcome = try Imprag.run(["eval"] + arguments)
            #expect(outcome.status == 2 && outcome.errors.contains(message), "\(outcome.errors)")
        }
    }
}
