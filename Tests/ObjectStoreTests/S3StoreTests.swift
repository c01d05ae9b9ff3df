import Core
import Foundation
import HTTP
import Platform
import TestSupport
import Testing

@testable import ObjectStore

@Suite struct S3StoreTests {
    @Test("requests that fail on the way are made again, and a write whose answer was lost has won")
    func faults() throws {
        let server = try StandIn(
            "--faults", "PUT:busy,PUT:before,PUT:after,PUT:after,GET:before,GET:busy,DELETE:after,POST:busy")
        defer { server.stop() }
        let store = try server.store()
        guard case .stored(let version) = try store.put([1], "a", .absent) else { throw ImpRAGError(.internal, "lost") }
        #expect(try store.get(ObjectKey("a"), limit: 10, deadline: .soon) == StoredObject(bytes: [1], version: version))
        guard case .stored(let next) = try store.put([2], "a", .version(version)) else {
            throw ImpRAGError(.internal, "lost")
        }
        // Another one's write is none of ours, however often we ask.
        #expect(try store.put([3], "a", .absent) == .lost(to: StoredObject(bytes: [2], version: next)))
        try store.delete(ObjectKey("a"), deadline: .soon)
        #expect(try store.bytes("a") == nil)
    }

    @Test("a service that does not answer is given up at the deadline")
    func hangs() throws {
        let server = try StandIn("--faults", "GET:hang")
        defer { server.stop() }
        let store = try server.store()
        let began = ContinuousClock.now
        let error = #expect(throws: ImpRAGError.self) {
            try store.get(ObjectKey("a"), limit: 10, deadline: .after(milliseconds: 300))
        }
        #expect(error?.code == .deadlineExceeded)
        #expect(error?.message.hasPrefix("GET a of s3://bucket/a/b/: not done before the deadline") == true)
        #expect(ContinuousClock.now - began < .seconds(30))
    }

    @Test("pieces of uploads that ended long ago without an end are deleted, also through a folder, and no others")
    func staleUploads() throws {
        let server = try StandIn()
        defer { server.stop() }
        let location = try S3Location("s3://bucket/p?endpoint=\(server.endpoint)", environment: [:])
        let store = S3Store(location, environment: StandIn.keys, pieceBytes: 5 << 20)
        for key in ["a/old-1", "a/new", "a/old-2", "a/old-3", "b/old-4", "a/old-5"] {
            var begin = S3Store.Request(.post, key)
            begin.query = [("uploads", "")]
            #expect(try store.send(begin, .soon).status == 200)
        }
        let age = Duration.seconds(24 * 3600)
        let folder = try StoreFolder("a", of: BoundedStore(store))
        #expect(try folder.removeUploads("", olderThan: age, deadline: .soon) == 4)
        #expect(try folder.removeUploads("", olderThan: age, deadline: .soon) == 0)
        #expect(try store.removeUploads("", olderThan: age, deadline: .soon) == 1)
        #expect(try store.removeUploads("", olderThan: .zero, deadline: .soon) == 1)
    }

    @Test("an object that is larger than the caller takes is refused")
    func tooLarge() throws {
        let server = try StandIn()
        defer { server.stop() }
        let store = try server.store()
        _ = try store.put([UInt8](repeating: 1, count: 200_000), "a")
        let error = #expect(throws: ImpRAGError.self) { try store.get(ObjectKey("a"), limit: 100_000, deadline: .soon) }
        #expect(error?.code == .resourceExhausted)
    }

    @Test("a file goes and comes in pieces of one version: once the object is replaced, the next piece is refused")
    func replaced() throws {
        let server = try StandIn()
        defer { server.stop() }
        let directory = try TemporaryDirectory()
        let location = try S3Location("s3://bucket/p?endpoint=\(server.endpoint)", environment: [:])
        let store = S3Store(location, environment: StandIn.keys, pieceBytes: 5 << 20)
        let path = directory.file("file")
        try Data(repeating: 1, count: 12 << 20).write(to: URL(filePath: path))
        try store.upload(path, as: ObjectKey("file"), deadline: .soon)
        #expect(try store.download(ObjectKey("file"), to: directory.file("copy"), deadline: .soon))
        #expect(try Data(contentsOf: URL(filePath: directory.file("copy"))).count == 12 << 20)
        #expect(try store.read(ObjectKey("file"), (11 << 20)..<(13 << 20), deadline: .soon)?.size == 12 << 20)
        let first = try #require(try store.read(ObjectKey("file"), 0..<10, version: nil, .soon))
        #expect(try store.read(ObjectKey("file"), 10..<20, version: first.version, .soon)?.part.bytes.count == 10)
        _ = try store.put([2], "file")
        let error = #expect(throws: ImpRAGError.self) {
            try store.read(ObjectKey("file"), 0..<1, version: first.version, .soon)
        }
        #expect(error?.code == .failedPrecondition && error?.message.contains("replaced meanwhile") == true)
    }

    @Test("what a service refuses is said with its reason, and without credentials")
    func refused() throws {
        let server = try StandIn()
        defer { server.stop() }
        let wrong = ["AWS_ACCESS_KEY_ID": "test-key", "AWS_SECRET_ACCESS_KEY": "wrong-secret"]
        let unsigned = #expect(throws: ImpRAGError.self) { try server.store("bucket/a", wrong).bytes("a") }
        #expect(unsigned?.code == .unauthenticated)
        #expect(
            unsigned?.message == "GET a of s3://bucket/a/: status 403, SignatureDoesNotMatch: not the signature of …")
        let nowhere = #expect(throws: ImpRAGError.self) { try server.store("other").bytes("a") }
        #expect(nowhere?.code == .notFound && nowhere?.message.contains("NoSuchBucket") == true)
    }

    @Test("only the start of a service's answer is read, and only as an answer")
    func documents() throws {
        #expect(
            S3Document.failure([UInt8]("<Error><Code>A</Code><Message>b\nc</Message></Error>".utf8))?.message == "bc")
        for text in ["", "no XML", "<Error>", "<Error><Message>b</Message></Error>", "<Other><Code>A</Code></Other>"] {
            #expect(S3Document.failure([UInt8](text.utf8)) == nil)
        }
        let odd = try S3Document(
            [UInt8](
                "<ListBucketResult><Contents><Key>p/a b</Key><Size>1</Size></Contents><Contents><Key>p/ok</Key><Size>2</Size></Contents></ListBucketResult>"
                    .utf8), "list")
        #expect(try odd.listing(below: "p/").objects.map(\.key.text) == ["ok"])
        let unsized = try S3Document(
            [UInt8]("<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>".utf8), "list")
        #expect(throws: ImpRAGError.self) { try unsized.listing(below: "") }
    }

    // MARK: Credentials

    @Test(
        "credentials come from the environment, a profile or the container's host; else it is said where they were looked for"
    )
    func credentials() throws {
        let server = try StandIn()
        defer { server.stop() }
        let directory = try TemporaryDirectory()
        let file = directory.file("credentials")
        let text = """
            [default]
            aws_access_key_id = nobody
            aws_secret_access_key = nothing

            # of the test
            [ team ]
            aws_access_key_id = test-key
            AWS_SECRET_ACCESS_KEY=test-secret
            """
        try Data(text.utf8).write(to: URL(filePath: file))
        let token = directory.file("token")
        try Data("container-token\n".utf8).write(to: URL(filePath: token))
        let good = [
            ["AWS_SHARED_CREDENTIALS_FILE": file, "AWS_PROFILE": "team"],
            [
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(server.endpoint)/credentials",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": "container-token",
            ],
            [
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(server.endpoint)/credentials",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": token,
            ],
        ]
        for environment in good {
            #expect(try server.store("bucket", environment).bytes("a") == nil)
        }
        let bad: [([String: String], String)] = [
            (["HOME": directory.path], "neither AWS_ACCESS_KEY_ID"),
            (["AWS_SHARED_CREDENTIALS_FILE": file], "SignatureDoesNotMatch"),
            (["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://example.com/"], "nor an address of this machine"),
            (["AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(server.endpoint)/credentials"], "status 403"),
        ]
        for (environment, said) in bad {
            let error = #expect(throws: ImpRAGError.self) { try server.store("bucket", environment).bytes("a") }
            #expect(error?.message.contains(said) == true, "\(error as Any)")
        }
    }

    @Test("credentials are printed nowhere")
    func secrecy() {
        let secret = S3Credentials(accessKey: "AKID", secretKey: "hidden", sessionToken: "token")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), dumped] {
            #expect(!text.contains("AKID") && !text.contains("hidden") && !text.contains("token"))
        }
        #expect(secret.redacted("AKID and hidden, token") == "… and …, …")
    }

    // MARK: Locations

    @Test("a location says bucket, prefix and endpoint; the environment says the rest")
    func locations() throws {
        func place(_ text: String, _ environment: [String: String] = [:]) throws -> String {
            let location = try S3Location(text, environment: environment)
            let (host, path) = location.place(of: location.prefix + "k")
            return "\(location.scheme)://\(host)\(path) \(location.region)"
        }
        let amazon = ["AWS_REGION": "eu-central-1"]
        #expect(try place("s3://bucket", amazon) == "https://bucket.s3.eu-central-1.amazonaws.com/k eu-central-1")
        #expect(
            try place("s3://my.bucket/a", amazon) == "https://s3.eu-central-1.amazonaws.com/my.bucket/a/k eu-central-1")
        #expect(try place("s3://bucket/a/?region=x", amazon) == "https://bucket.s3.x.amazonaws.com/a/k x")
        let own = ["AWS_ENDPOINT_URL": "https://store.example:9000"]
        #expect(try place("s3://bucket/a", own) == "https://store.example:9000/bucket/a/k us-east-1")
        #expect(try place("s3://bucket/a?style=host", own) == "https://bucket.store.example:9000/a/k us-east-1")
        #expect(
            try place("s3://bucket?endpoint=http%3A%2F%2Flocalhost%3A80&region=r") == "http://localhost/bucket/k r")
    }

    @Test(
        "a location that is none is refused with what is right",
        arguments: [
            ("s3://", "s3://BUCKET/PREFIX is right"), ("s3://UPPER", "lower-case"),
            ("s3://bucket/a b?region=x", "no object key"),
            ("s3://bucket", "the region is missing"), ("s3://bucket?region", "NAME=VALUE is right"),
            ("s3://bucket?region=x&colour=y", "no setting \"colour\""),
            ("s3://bucket?region=x&style=z", "path or host is right"),
            ("s3://bucket?endpoint=http://example.com", "not encrypted"), ("s3://bucket?endpoint=ftp://a", "no URL"),
            ("s3://bucket?endpoint=http://127.example.com", "not encrypted"), ("gs://a", "no store of the kind gs://"),
            ("", "missing"),
        ])
    func wrongLocations(text: String, said: String) {
        let error = #expect(throws: ImpRAGError.self) { try openObjectStore(text, environment: [:]) }
        #expect(error?.code == .invalidArgument && error?.message.contains(said) == true, "\(error as Any)")
    }
}
