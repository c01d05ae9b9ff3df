import CPage
import Core
import Platform

/// The web page of a gateway: its files, which are part of the program, and what a browser is to be told with them.
///
/// The page is at `/`; what it needs is at `/page/NAME`.
public enum PageFiles {
    /// For every answer with a file of the page. Scripts and styles are the page's own files, whatever a passage says;
    /// nobody shows the page in a frame, and it tells nobody where a link was followed from. What is cached is asked
    /// for again: a newer gateway has another page.
    public static let headers: [String: String] = [
        "Content-Security-Policy":
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-cache",
    ]

    /// The paths of all files.
    public static var paths: [String] { files.keys.sorted() }

    /// The file at `path`, without a query: nil when the page has none there.
    public static func file(_ path: String) -> PageFile? { files[path] }

    private static let files: [String: PageFile] = {
        var files: [String: PageFile] = [:]
        var index = 0
        while let file = unsafe imprag_page_file(index)?.pointee {
            index += 1
            let name = unsafe String(cString: file.name)
            let bytes = unsafe Array(UnsafeBufferPointer(start: file.bytes, count: file.size))
            let tag = hexadecimal(SHA256.digest(of: bytes).prefix(16))
            files[name == "index.html" ? "/" : "/page/\(name)"] = PageFile(
                contentType: contentType(name), bytes: bytes, entityTag: "\"\(tag)\"")
        }
        return files
    }()

    private static func contentType(_ name: String) -> String {
        switch name.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        default: "image/svg+xml"
        }
    }
}
