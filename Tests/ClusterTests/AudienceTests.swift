import Core
import Messaging
import Testing
import Wire

@testable import Cluster

@Suite struct AudienceTests {
    private static let requests: [Request] = [
        .ask(AskRequest(prompt: "a")), .search(SearchRequest(prompt: "a")), .status, .ping, .cancel,
        .upsert(UpsertRequest(passages: [])), .delete(DeleteRequest(ids: [])),
    ]

    private func allowed(_ caller: Caller) -> Set<String> {
        Set(
            Self.requests.filter { request in
                do throws(ImpRAGError) {
                    try caller.check(request)
                    return true
                } catch {
                    #expect(error.code == .permissionDenied)
                    return false
                }
            }.map(\.name))
    }

    @Test("each role may send its requests and no others; processes of this machine without keys may send all")
    func roles() {
        let everybody: Set = ["status", "ping", "cancel"]
        let reader = everybody.union(["ask", "search"])
        let writer = reader.union(["upsert", "delete"])
        #expect(allowed(.holder(name: "a", role: .read)) == reader)
        #expect(allowed(.holder(name: "a", role: .write)) == writer)
        #expect(allowed(.holder(name: "a", role: .admin)) == writer)
        #expect(allowed(.holder(name: "a", role: .node)) == everybody)
        #expect(allowed(.local) == Set(Self.requests.map(\.name)))
    }

    @Test("what nodes ask of each other is for nodes alone")
    func nodes() {
        let apply = Request.apply(ApplyRequest(epoch: 1))
        #expect(apply.audience == [.node])
        let error = #expect(throws: ImpRAGError.self) { try Caller.holder(name: "eve", role: .admin).check(apply) }
        #expect(error?.message == "the key \"eve\" has the role admin; apply takes one with the role node")
        let write = Request.delete(DeleteRequest(ids: ["a"]))
        let refused = #expect(throws: ImpRAGError.self) { try Caller.holder(name: "bob", role: .read).check(write) }
        #expect(
            refused?.message == "the key \"bob\" has the role read; delete takes one with the role write or admin")
    }
}
