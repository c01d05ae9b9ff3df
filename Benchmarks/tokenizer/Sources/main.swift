// Times `Tokenizer` for compare.py: TokenizerBenchmark TOKENIZER_JSON TEXT_FILE ROUNDS whole|paragraphs
//
// Prints one JSON object: seconds to load the file, seconds of processor time for each round, the number of ids and a
// checksum of them. Processor time, because other work on the machine then counts less.

import Foundation
import Tokenizer

let arguments = CommandLine.arguments
guard arguments.count == 5, let rounds = Int(arguments[3]), rounds > 0, ["whole", "paragraphs"].contains(arguments[4]),
    let data = FileManager.default.contents(atPath: arguments[2])
else {
    FileHandle.standardError.write(
        Data("usage: TokenizerBenchmark TOKENIZER_JSON TEXT_FILE ROUNDS whole|paragraphs\n".utf8))
    exit(2)
}
let text = String(decoding: data, as: UTF8.self)
let documents = arguments[4] == "whole" ? [text] : text.components(separatedBy: "\n\n")

/// Seconds of processor time that this process has used. POSIX counts `clock` in microseconds.
func processorSeconds() -> Double { Double(clock()) / 1_000_000 }

do {
    var start = processorSeconds()
    let tokenizer = try Tokenizer(path: arguments[1])
    let load = processorSeconds() - start
    var times: [Double] = []
    var count = 0
    var checksum: UInt32 = 0
    for _ in 0..<rounds {
        start = processorSeconds()
        var encoded: [[Int32]] = []
        encoded.reserveCapacity(documents.count)
        for document in documents {
            encoded.append(try tokenizer.encode(document, specialTokens: .recognised, addingTemplate: false))
        }
        times.append(processorSeconds() - start)
        count = 0
        checksum = 0
        for ids in encoded {
            count += ids.count
            for id in ids { checksum = checksum &* 31 &+ UInt32(bitPattern: id) }
        }
    }
    print("{\"load\": \(load), \"rounds\": \(times), \"ids\": \(count), \"checksum\": \(checksum)}")
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(1)
}
