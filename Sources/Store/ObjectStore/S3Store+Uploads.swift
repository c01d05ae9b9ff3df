public import Core
internal import Foundation
internal import HTTP

/// Uploads in pieces that nobody will finish.
extension S3Store {
    public func removeUploads(
        _ prefix: String, olderThan age: Duration, deadline: Deadline
    ) throws(ImpRAGError) -> Int {
        let limit = Date(timeIntervalSinceNow: -(age / .seconds(1)))
        var count = 0
        var (key, id): (String?, String?)
        repeat {
            var request = Request(.get, nil, reads: Self.answerLimit)
            request.query = [("uploads", ""), ("max-uploads", "1000"), ("prefix", location.prefix + prefix)]
            if let key { request.query.append(("key-marker", key)) }
            if let id { request.query.append(("upload-id-marker", id)) }
            let response = try send(request, deadline)
            guard response.status == 200 else { throw failure(response, request) }
            let page = try S3Document(response.body, request.what(name)).uploads(below: location.prefix + prefix)
            for upload in page.uploads where upload.begun < limit {
                try abort(upload.key, upload.id, deadline)
                count += 1
            }
            // A service that says the same again would be asked forever.
            guard page.next.key != key || page.next.id != id else { break }
            (key, id) = page.next
        } while key != nil
        return count
    }

    /// - Parameter key: with the store's prefix.
    private func abort(_ key: String, _ id: String, _ deadline: Deadline) throws(ImpRAGError) {
        var request = Request(.delete, String(key.dropFirst(location.prefix.count)))
        request.query = [("uploadId", id)]
        let response = try send(request, deadline)
        // 404: somebody else has, or its process was alive after all.
        guard [200, 204, 404].contains(response.status) else { throw failure(response, request) }
    }
}

extension S3Document {
    /// Unfinished uploads of objects whose keys begin with `prefix`, and where the listing goes on; nil at its end.
    func uploads(
        below prefix: String
    ) throws(ImpRAGError) -> (
        uploads: [(key: String, id: String, begun: Date)], next: (key: String?, id: String?)
    ) {
        let root = "ListMultipartUploadsResult"
        var uploads: [(key: String, id: String, begun: Date)] = []
        var (key, id, begun): (String?, String?, Date?)
        for element in elements {
            switch element.path {
            case "\(root)/Upload/Key": key = element.text
            case "\(root)/Upload/UploadId": id = element.text
            case "\(root)/Upload/Initiated": begun = Self.date(element.text)
            case "\(root)/Upload":
                // Of one without a date nobody knows whether it is still at work.
                if let key, let id, let begun, key.hasPrefix(prefix) { uploads.append((key, id, begun)) }
                (key, id, begun) = (nil, nil, nil)
            default: break
            }
        }
        func text(_ name: String) -> String? {
            elements.first { $0.path == "\(root)/\(name)" }.map(\.text).flatMap { $0.isEmpty ? nil : $0 }
        }
        guard text("IsTruncated") == "true" else { return (uploads, (nil, nil)) }
        return (uploads, (text("NextKeyMarker"), text("NextUploadIdMarker")))
    }

    /// As in 2026-11-29T20:00:00.000Z, with fractions of a second or without.
    private static func date(_ text: String) -> Date? {
        (try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
            ?? (try? Date(text, strategy: .iso8601))
    }
}
