import Foundation
import Page
import TestSupport
import Testing

struct PageFilesTests {
    private static let folder = SharedData.packageRoot + "/Sources/C/CPage/files"

    @Test("every file of the page is in the program, byte by byte, at its path")
    func complete() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
        #expect(Set(PageFiles.paths) == Set(names.map { $0 == "index.html" ? "/" : "/page/\($0)" }))
        for name in names {
            let file = try #require(PageFiles.file(name == "index.html" ? "/" : "/page/\(name)"))
            #expect(try Data(contentsOf: URL(filePath: "\(Self.folder)/\(name)")) == Data(file.bytes), "\(name)")
        }
    }

    @Test(
        "a browser is told what a file is",
        arguments: [
            ("/", "text/html; charset=utf-8"), ("/page/page.css", "text/css; charset=utf-8"),
            ("/page/page.js", "text/javascript; charset=utf-8"), ("/page/favicon.svg", "image/svg+xml"),
        ])
    func types(path: String, type: String) throws {
        #expect(try #require(PageFiles.file(path)).contentType == type)
    }

    @Test(
        "other paths have no file",
        arguments: ["", "/index.html", "/page/", "/page/index.html", "/page/../page.c", "/v1"])
    func unknown(path: String) {
        #expect(PageFiles.file(path) == nil)
    }

    @Test("files have tags of their own, in quotation marks")
    func tags() {
        let tags = PageFiles.paths.compactMap { PageFiles.file($0)?.entityTag }
        #expect(Set(tags).count == PageFiles.paths.count)
        #expect(tags.allSatisfy { $0.hasPrefix("\"") && $0.hasSuffix("\"") && $0.count == 34 })
    }

    @Test("the page has nothing that its own policy forbids, and writes no markup")
    func policy() throws {
        let policy = try #require(PageFiles.headers["Content-Security-Policy"])
        #expect(policy.hasPrefix("default-src 'none'; ") && !policy.contains("unsafe"))
        for path in PageFiles.paths {
            let text = String(decoding: try #require(PageFiles.file(path)).bytes, as: UTF8.self)
            let forbidden = [
                "innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", " style=\"", " onclick=\"", "//cdn",
                "https://",
            ]
            #expect(!forbidden.contains { text.contains($0) }, "\(path)")
        }
    }
}
