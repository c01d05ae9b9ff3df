import Foundation

/// Reference data that stands beside a developer's checkout and is not part of the project.
public enum SharedData {
    /// The checkout's root.
    public static let packageRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path(percentEncoded: false)

    /// The path of `relativePath` under `../shared`, or nil when it is not there (the test then skips itself:
    /// `@Test(.enabled(if: SharedData.path("golden") != nil, "needs ../shared/golden"))`).
    public static func path(_ relativePath: String) -> String? {
        let path = URL(filePath: packageRoot).deletingLastPathComponent().appending(path: "shared/\(relativePath)")
            .path(percentEncoded: false)
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }
}
