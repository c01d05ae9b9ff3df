// Times the lexical index: makes a partition of passages, JSON lines on standard input, and searches it for questions,
// one a line.
//
//     WordsBenchmark DIRECTORY QUESTIONS [HITS]
//
// DIRECTORY is made, unless it is there. With HITS it writes the ids of so many passages for each question, a line
// each, instead of times. All times are of the processor.

import Core
import Foundation
import Storage
import Words

struct Line: Decodable {
    var id: String
    var title: String
    var text: String
}

func say(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

/// Seconds of processor time that this process has used: other work on the machine then counts less.
func processorSeconds() -> Double { Double(clock()) / 1_000_000 }

/// Fills a partition with words, and one without beside it.
func build(_ path: String) throws {
    guard let fingerprint = Fingerprint(bytes: [UInt8](repeating: 0, count: 32)) else { return }
    let kinds: [(name: String, words: WordAnalysis?)] = [("without words", nil), ("with words", .english)]
    let writers = try kinds.map { kind in
        try PartitionWriter(
            path: kind.words == nil ? path + "-without" : path, fingerprint: fingerprint, dimension: 4, number: 0,
            partitionCount: 1, writeBufferBytes: 8 << 20, words: kind.words)
    }
    var batch: [Passage] = []
    var spent = [0.0, 0.0]
    func write() throws {
        for kind in kinds.indices {
            let start = processorSeconds()
            try writers[kind].append(batch, vectors: [BFloat16](repeating: BFloat16(1), count: 4 * batch.count))
            spent[kind] += processorSeconds() - start
        }
        batch.removeAll(keepingCapacity: true)
    }
    while let line = readLine() {
        let passage = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
        batch.append(Passage(id: passage.id, title: passage.title, text: passage.text))
        if batch.count == 512 { try write() }
    }
    if !batch.isEmpty { try write() }
    for kind in kinds.indices {
        let start = processorSeconds()
        _ = try writers[kind].finish()
        say(
            "\(writers[kind].count) passages \(kinds[kind].name): \(Int(Double(writers[kind].count) / spent[kind])) a second, "
                + "finished in \(Int(processorSeconds() - start)) s")
    }
}

let arguments = CommandLine.arguments
guard arguments.count == 3 || arguments.count == 4 else {
    say("usage: WordsBenchmark DIRECTORY QUESTIONS [HITS] < PASSAGES")
    exit(2)
}
if !FileManager.default.fileExists(atPath: arguments[1]) { try build(arguments[1]) }
let live = try LivePartition(Partition(path: arguments[1]))
let questions = try String(contentsOfFile: arguments[2], encoding: .utf8).split(separator: "\n").map(String.init)
if arguments.count == 4, let count = Int(arguments[3]) {
    for question in questions {
        let found = try live.searchWords(question, count: count, filter: nil, deadline: .never)
        let passages = try live.partition.passages(rows: found?.hits.map(\.row) ?? [])
        print(passages.compactMap { $0?.id }.joined(separator: "\t"))
    }
} else {
    for round in ["first", "second"] {
        var times: [Double] = []
        for question in questions {
            let start = processorSeconds()
            _ = try live.searchWords(question, count: 10, filter: nil, deadline: .never)
            times.append(1000 * (processorSeconds() - start))
        }
        times.sort()
        let mean = times.reduce(0, +) / Double(times.count)
        say(
            String(
                format: "%@ pass: mean %.2f ms, p50 %.2f, p90 %.2f, p99 %.2f, most %.2f", round, mean,
                times[times.count / 2], times[times.count * 9 / 10], times[times.count * 99 / 100],
                times[times.count - 1])
        )
    }
}
