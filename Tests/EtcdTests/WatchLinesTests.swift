import Core
import Testing

@testable import Etcd

/// What etcd 3.4.23 sent, cut anywhere.
@Suite struct WatchLinesTests {
    private static let created =
        #"{"result":{"header":{"cluster_id":"14841639068965178418","revision":"5","raft_term":"2"},"created":true}}"#
        + "\n"
    private static let events =
        #"{"result":{"header":{"revision":"7"},"events":["#
        + #"{"kv":{"key":"L2EvYg==","create_revision":"6","mod_revision":"6","version":"1","value":"eA==","lease":"9"}},"#
        + #"{"type":"DELETE","kv":{"key":"L2EvYg==","mod_revision":"7"}}]}}"# + "\n"

    private func take(_ text: String, into lines: inout WatchLines, by size: Int = 1000) -> ([EtcdEvent], Bool) {
        var (events, goesOn) = ([EtcdEvent](), true)
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: size) where goesOn {
            let (new, wantsMore) = lines.take(Array(bytes[start..<min(start + size, bytes.count)]), from: "E")
            (events, goesOn) = (events + new, wantsMore)
        }
        return (events, goesOn)
    }

    @Test("events are the same however the bytes are cut", arguments: [1, 2, 7, 64, 1000])
    func cuts(size: Int) {
        var lines = WatchLines(next: 6)
        let (events, goesOn) = take(Self.created + Self.events, into: &lines, by: size)
        let pair = EtcdPair(key: "/a/b", value: Array("x".utf8), modRevision: 6, lease: 9)
        #expect(events == [.put(pair), .deleted(key: "/a/b", revision: 7)])
        #expect(goesOn && lines.isCreated && !lines.isLost && lines.failure == nil && lines.next == 8)
    }

    @Test("a compacted revision, or an etcd that has not got that far, calls for a fresh range")
    func lost() {
        var compacted = WatchLines(next: 2)
        let text =
            #"{"result":{"header":{"revision":"90"},"created":true,"canceled":true,"compact_revision":"80"}}"# + "\n"
        #expect(!take(text, into: &compacted).1)
        #expect(compacted.isLost && compacted.failure == nil)
        var younger = WatchLines(next: 7)
        #expect(!take(Self.created, into: &younger).1)
        #expect(younger.isLost)
        var next = WatchLines(next: 6)
        #expect(take(Self.created, into: &next).1)
    }

    @Test(
        "what is no answer ends the watch with an error that names the endpoint",
        arguments: [
            "no JSON\n", "[]\n", #"{"result":{"header":{"revision":"many"},"created":true}}"# + "\n",
            #"{"result":{"events":[{"kv":{"key":"%"}}]}}"# + "\n",
            #"{"error":{"grpc_code":14,"http_code":503,"message":"etcdserver: no leader"}}"# + "\n",
            #"{"result":{"canceled":true,"cancel_reason":"etcdserver: permission denied"}}"# + "\n",
        ])
    func wrong(text: String) {
        var lines = WatchLines(next: 1)
        #expect(!take(text, into: &lines).1)
        #expect(lines.failure?.message.contains("E") == true)
    }

    @Test("a line without an end is not kept for ever")
    func endless() {
        var lines = WatchLines(next: 1)
        let piece = [UInt8](repeating: 0x20, count: 1 << 20)
        var count = 0
        while lines.take(piece, from: "E").1, count < 1000 { count += 1 }
        #expect(count == EtcdClient.answerLimit >> 20)
        #expect(lines.failure?.code == .dataLoss)
    }

    @Test("the end of a prefix is the first key behind it")
    func ends() {
        #expect(EtcdMessage.end(of: "/a/") == Array("/a0".utf8))
        #expect(EtcdMessage.end(of: "") == [0])
    }
}
