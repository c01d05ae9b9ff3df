import Core
import Foundation
import Platform
import Testing

@testable import ObjectStore

@Suite struct SignatureTests {
    /// The examples of Amazon's documentation ("Signature Calculations for the Authorization Header").
    @Test("published examples are signed as published")
    func published() {
        let signature = SignatureV4(
            credentials: S3Credentials(
                accessKey: "AKIAIOSFODNN7EXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            region: "us-east-1", time: "20130524T000000Z")
        let empty = hexadecimal(SHA256.digest(of: []))
        func signed(
            _ method: String, _ path: String, _ query: [(name: String, value: String)] = [],
            _ headers: [(name: String, value: String)] = [], digest: String
        ) -> String? {
            signature.sign(
                method, path: percentEncoded(path, keepsSlash: true), query: queryText(query),
                headers: [("host", "examplebucket.s3.amazonaws.com")] + headers, digest: digest
            ).last?.value.split(separator: "=").last.map(String.init)
        }
        #expect(
            signed("GET", "/test.txt", [], [("range", "bytes=0-9")], digest: empty)
                == "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
        #expect(
            signed(
                "PUT", "/test$file.text", [],
                [("date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
                digest: hexadecimal(SHA256.digest(of: [UInt8]("Welcome to Amazon S3.".utf8))))
                == "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd")
        #expect(
            signed("GET", "/", [("lifecycle", "")], digest: empty)
                == "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")
        #expect(
            signed("GET", "/", [("max-keys", "2"), ("prefix", "J")], digest: empty)
                == "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")
    }

    private struct Row: Decodable {
        let method, path, query, body, authorization: String
        let headers: [String: String]
        let token: String?
    }

    @Test("requests are signed as botocore signs them, odd names and session tokens included")
    func botocore() throws {
        let rows = try JSONDecoder().decode(
            [Row].self, from: Data(contentsOf: StandIn.folder.appending(path: "signatures.json")))
        #expect(rows.count == 8)
        for row in rows {
            let signature = SignatureV4(
                credentials: S3Credentials(
                    accessKey: "AKIDEXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                    sessionToken: row.token),
                region: "eu-central-1", time: "20261128T090507Z")
            let bytes = stride(from: 0, to: row.body.utf8.count, by: 2).map { start in
                UInt8(row.body.dropFirst(start).prefix(2), radix: 16) ?? 0
            }
            let headers = [("host", "127.0.0.1:8333")] + row.headers.map { ($0.key, $0.value) }
            let added = signature.sign(
                row.method, path: row.path, query: row.query, headers: headers,
                digest: hexadecimal(SHA256.digest(of: bytes)))
            #expect(added.last?.value == row.authorization, "\(row.method) \(row.path)?\(row.query)")
        }
    }

    @Test("names are encoded byte by byte, and nothing else changes")
    func encoding() {
        #expect(percentEncoded("a/b c+~*'()é", keepsSlash: true) == "a/b%20c%2B~%2A%27%28%29%C3%A9")
        #expect(percentEncoded("a/b") == "a%2Fb")
        #expect(
            queryText([("prefix", "a/ü"), ("list-type", "2"), ("uploads", "")])
                == "list-type=2&prefix=a%2F%C3%BC&uploads=")
    }
}
