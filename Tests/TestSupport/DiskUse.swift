import Foundation

/// What the files below `paths` take on the disk, as `du` counts it: in blocks, and those with several names once.
public func diskBytes(_ paths: [String]) throws -> Int {
    var seen: Set<UInt64> = []
    var bytes = 0
    for path in paths {
        guard let names = FileManager.default.enumerator(atPath: path) else { throw CocoaError(.fileNoSuchFile) }
        for name in names {
            var status = stat()
            guard unsafe stat("\(path)/\(name)", &status) == 0, seen.insert(UInt64(status.st_ino)).inserted else {
                continue
            }
            bytes += Int(status.st_blocks) * 512
        }
    }
    return bytes
}
