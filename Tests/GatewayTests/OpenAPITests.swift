import Cluster
import Core
import Foundation
import Testing

@testable import Gateway

struct OpenAPITests {
    private func document() throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(OpenAPI.document().utf8)) as? [String: Any])
    }

    private func operations() throws -> [String: Set<String>] {
        let paths = try #require(try document()["paths"] as? [String: [String: Any]])
        return paths.mapValues { Set($0.keys.map { $0.uppercased() }) }
    }

    @Test("every route is described, and nothing else")
    func routes() throws {
        var routes = GatewayRoute.fixed.mapValues { Set($0.keys) }
        routes["/v1/models/{model}"] = ["GET"]
        routes["/v1/collections/{collection}"] = ["GET"]
        routes["/v1/passages/{id}"] = ["DELETE"]
        #expect(try operations() == routes)
        for (path, methods) in routes {
            for method in methods { _ = try GatewayRoute(method: method, path: path) }
        }
    }

    @Test("what needs no key says so")
    func security() throws {
        let paths = try #require(try document()["paths"] as? [String: [String: [String: Any]]])
        for (path, operations) in paths {
            for (method, operation) in operations {
                let isOpen = (operation["security"] as? [Any])?.isEmpty == true
                let role = try GatewayRoute(method: method.uppercased(), path: path).role
                #expect((role == nil) == isOpen, "\(path)")
            }
        }
    }

    @Test("what is referred to is there")
    func references() throws {
        let components = try #require(try document()["components"] as? [String: [String: Any]])
        let references = OpenAPI.document().split(separator: "\"$ref\": \"#/components/").dropFirst()
        #expect(references.count > 50)
        for reference in references {
            let place = reference.prefix { $0 != "\"" }.split(separator: "/").map(String.init)
            #expect(place.count == 2 && components[place[0]]?[place[1]] != nil, "\(place)")
        }
    }

    @Test("the lengths that embeddings have are named, where they are known")
    func dimensions() throws {
        func schema(_ document: String) throws -> [String: Any]? {
            let root = try JSONSerialization.jsonObject(with: Data(document.utf8)) as? [String: Any]
            let components = root?["components"] as? [String: Any]
            return (components?["schemas"] as? [String: Any])?["Dimension"] as? [String: Any]
        }
        #expect(try schema(OpenAPI.document(dimensions: [64, 256]))?["enum"] as? [Int] == [64, 256])
        #expect(try schema(OpenAPI.document())?["minimum"] as? Int == 1)
    }

    @Test("what every cluster refuses is beyond the bounds of the schemas, and no other bound is")
    func bounds() throws {
        let schemas = try #require(try document()["components"] as? [String: [String: Any]])["schemas"]
        func schema(_ name: String, _ field: String? = nil) throws -> [String: Any] {
            let whole = try #require(schemas?[name] as? [String: Any])
            guard let field else { return whole }
            return try #require((whole["properties"] as? [String: Any])?[field] as? [String: Any])
        }
        for found in [try schema("K"), try schema("SearchRequest", "k")] {
            #expect(found["maximum"] as? Int == CoordinatorSettings.kLimit)
            #expect((found["description"] as? String)?.contains("max_k") == true)
        }
        for field in ["max_tokens", "max_completion_tokens"] {
            #expect(try schema("ChatRequest", field)["maximum"] as? Int == CoordinatorSettings.answerTokenLimit)
        }
        for (name, field) in [("UpsertRequest", "passages"), ("DeleteRequest", "ids")] {
            #expect(try schema(name, field)["maxItems"] as? Int == CoordinatorSettings.updatePassageLimit)
        }
        #expect(try schema("PassageID")["maxLength"] as? Int == Passage.idByteLimit)
        #expect(try schema("Metadata")["maxProperties"] as? Int == MetadataValue.fieldLimit)
        #expect(!OpenAPI.schemas.contains("1073741824"))
    }

    @Test("what asks the cluster may be told to wait, and may be late")
    func waiting() throws {
        let paths = try #require(try document()["paths"] as? [String: [String: [String: Any]]])
        for (path, operations) in paths {
            for (method, operation) in operations {
                let statuses = Set(try #require(operation["responses"] as? [String: Any]).keys)
                let isLocal = ["/healthz", "/metrics", "/openapi.json"].contains(path)
                let right: Set = isLocal ? ["200", "default"] : ["200", "429", "503", "504", "default"]
                #expect(statuses == right, "\(method) \(path)")
            }
        }
    }

    @Test("the codes and types of errors are those that there are")
    func errors() throws {
        for code in ErrorCode.allCases {
            let failure = GatewayFailure(ImpRAGError(code, "none"))
            let error = try #require(
                JSONSerialization.jsonObject(with: Data(failure.json.line.utf8)) as? [String: [String: Any]])["error"]
            for field in ["code", "type"] {
                let value = try #require(error?[field] as? String)
                #expect(OpenAPI.schemas.contains("\"\(value)\""), "\(value)")
            }
        }
    }
}
