import Client
import Core
import Foundation
import Platform
import Synchronization
import Wire

/// What a person types at the terminal, and the answer that Ctrl-C stops.
final class Conversation: Sendable {
    /// Lines that may wait while an answer comes; a person types fewer.
    private static let waitingLimit = 1000

    /// The lines, until Ctrl-D, or Ctrl-C while there is no answer.
    let lines: AsyncStream<String>
    private let answer = Mutex<AskStream?>(nil)

    /// Takes over the terminal and Ctrl-C.
    init() throws {
        let (lines, typed) = AsyncStream.makeStream(
            of: String.self, bufferingPolicy: .bufferingOldest(Self.waitingLimit))
        self.lines = lines
        let signals = try SignalWatcher([SIGINT])
        let terminal = Mutex(try Terminal.lines())
        _ = try NamedThread("terminal") { [self] in
            terminal.withLock { terminal in
                defer { typed.finish() }
                while !terminal.ended {
                    _ = waitForInput(on: [signals.descriptor, terminal.descriptor], milliseconds: 60_000)
                    if !signals.arrived().isEmpty, !stopAnswer() { return }
                    for line in terminal.readLines() { typed.yield(line) }
                }
            }
        }
    }

    /// Runs `body` with the answer that Ctrl-C is to stop.
    func answering(_ stream: AskStream, _ body: () async throws -> Void) async throws {
        answer.withLock { $0 = stream }
        defer { answer.withLock { $0 = nil } }
        try await body()
    }

    /// Returns whether there was one.
    private func stopAnswer() -> Bool {
        answer.withLock { answer in
            answer?.cancel()
            return answer != nil
        }
    }
}

/// Asks the cluster each line that is typed, until the person has had enough.
func converse(_ arguments: Arguments) async throws {
    guard !arguments.has("receipt") else { throw UsageError(message: "--receipt is for one PROMPT") }
    // What is wrong with the options is said before the first question.
    _ = try (askRequest(arguments, prompt: ""), deadline(arguments))
    let client = try makeClient(arguments)
    defer { client.close() }
    let conversation = try Conversation()
    try write("Each line is a question, asked by itself. Ctrl-C stops an answer, Ctrl-D ends.\n> ")
    for await line in conversation.lines {
        let question = line.trimmingCharacters(in: .whitespaces)
        if question == "/quit" { return }
        if !question.isEmpty { try await ask(question, arguments, client, conversation) }
        try write("> ")
    }
    try write("\n")
}

private func ask(
    _ question: String, _ arguments: Arguments, _ client: ClusterClient, _ conversation: Conversation
) async throws {
    let request = try askRequest(arguments, prompt: prompt(question, arguments))
    do {
        var answer = Answer(words: request.words.mode)
        let stream = try client.ask(request, deadline: deadline(arguments))
        try await conversation.answering(stream) {
            try await answer.read(stream) { try write($0) }
        }
        try write("\(answer.ending)\n\n")
    } catch let error as ImpRAGError where error.code == .cancelled {
        try write("\nstopped\n\n")
    } catch let error as ImpRAGError {
        printError("\nimprag: \(error)\n")
    }
}
