import Core
import Foundation
import TestSupport
import Testing

@testable import ObjectStore

/// Where a real service has a bucket, if one runs.
private let realBucket = ProcessInfo.processInfo.environment["IMPRAG_S3_TEST"]

@Suite struct StoreCheckTests {
    private func expectKept(by store: any ObjectStore) throws {
        var tried: [String] = []
        try StoreCheck(store, deadline: .soon).run { name, _ in tried.append(name) }
        #expect(tried == StoreCheck.names)
        #expect(try store.list("", after: nil, limit: 10, deadline: .soon).isEmpty)
    }

    @Test("a directory keeps every promise")
    func directory() throws {
        let directory = try TemporaryDirectory()
        try expectKept(by: DirectoryStore(path: directory.file("a/store")))
    }

    @Test("an S3 service keeps every promise, below a prefix and without one", arguments: ["bucket/a/b", "bucket"])
    func service(path: String) throws {
        let server = try StandIn()
        defer { server.stop() }
        try expectKept(by: server.store(path))
    }

    @Test(
        "a real service keeps every promise",
        .enabled(if: realBucket != nil, "IMPRAG_S3_TEST names no bucket; `make test-store` starts a service with one"))
    func real() throws {
        let environment = ProcessInfo.processInfo.environment
        try expectKept(by: openObjectStore(try #require(realBucket), environment: environment))
    }

    @Test("a service that accepts conditions and overwrites all the same is refused")
    func lies() throws {
        let server = try StandIn("--lies")
        defer { server.stop() }
        let store = try server.store()
        for error in [
            #expect(throws: ImpRAGError.self) { try StoreCheck(store, deadline: .soon).run { _, _ in } },
            #expect(throws: ImpRAGError.self) { try StoreCheck(store, deadline: .soon).runConditions() },
        ] {
            #expect(error?.code == .failedPrecondition)
            #expect(
                error?.message.contains("s3://bucket/a/b/ cannot keep a collection: it accepts If-None-Match") == true)
        }
    }

    @Test("the conditions alone are tried without leaving anything")
    func conditions() throws {
        let directory = try TemporaryDirectory()
        let store = try DirectoryStore(path: directory.file("store"))
        try StoreCheck(store, deadline: .soon).runConditions()
        #expect(try store.list("", after: nil, limit: 10, deadline: .soon).isEmpty)
    }
}
