import Core
import Foundation
import HTTPServer
import TestSupport
import Testing

@testable import Gateway

/// The file of the keys of HTTP clients.
struct GatewayKeysTests {
    private static let text = """
        # The page's
        read 0123456789abcdef page
          write fedcba9876543210	loader

        admin 00112233445566778899 root
        """

    @Test("a key lets its holder do what its role says")
    func roles() throws {
        let keys = try GatewayKeys(text: Self.text, source: "keys")
        for (header, role, status) in [
            ("Bearer 0123456789abcdef", .read, nil), ("bearer 0123456789abcdef", .read, nil),
            ("Bearer 0123456789abcdef", .write, 403), ("Bearer fedcba9876543210", .write, nil),
            ("Bearer fedcba9876543210", .read, nil), ("Bearer 00112233445566778899", .write, nil),
            ("Bearer 0123456789abcdee", .read, 401), ("Bearer 0123456789abcde", .read, 401),
            ("Basic 0123456789abcdef", .read, 401), ("0123456789abcdef", .read, 401), ("Bearer ", .read, 401),
            ("Bearer 0123456789abcdef x", .read, 401), (nil, .read, 401),
        ] as [(String?, KeyRole, Int?)] {
            do throws(GatewayFailure) {
                try keys.check(header, for: role)
                #expect(status == nil, "\(header ?? "none")")
            } catch {
                #expect(error.status == status, "\(header ?? "none")")
                #expect(!error.error.message.contains("0123456789abcde"))
                #expect((error.response.headers["WWW-Authenticate"] == "Bearer") == (status == 401))
            }
        }
    }

    @Test("a wrong line is named, without its secret")
    func wrongLines() {
        for (text, words) in [
            ("read 0123456789abcdef", "keys:1"), ("\nnode 0123456789abcdef n", "keys:2"),
            ("other 0123456789abcdef n", "keys:1"),
            ("read short n", "keys:1: the secret of n is shorter than 16 bytes"),
            ("read 0123456789abcdef n m", "keys:1"), ("# none", "keys has no keys"), ("", "keys has no keys"),
        ] {
            let error = #expect(throws: ImpRAGError.self) { try GatewayKeys(text: text, source: "keys") }
            #expect(error?.code == .invalidArgument && error?.message.contains(words) == true, "\(text)")
            #expect(error?.message.contains("0123456789abcdef") == false)
        }
    }

    @Test("a file that everybody may read is refused, and so is none")
    func files() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("keys")
        let missing = #expect(throws: ImpRAGError.self) { try GatewayKeys(path: path) }
        #expect(missing?.code == .notFound)
        try Self.text.write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        let open = #expect(throws: ImpRAGError.self) { try GatewayKeys(path: path) }
        #expect(open?.code == .permissionDenied && open?.message.contains("chmod 600") == true)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        _ = try GatewayKeys(path: path)
    }
}
