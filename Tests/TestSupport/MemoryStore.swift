public import Core
import Foundation
public import ObjectStore
import Synchronization

/// Objects in memory, with everything that `ObjectStore` promises, and with faults where a test wants them.
public final class MemoryStore: ObjectStore {
    /// A call of the store.
    public struct Call: Hashable, Sendable {
        public enum Kind: Hashable, Sendable { case get, read, put, upload, download, list, delete }

        public let kind: Kind
        /// Of a listing the prefix.
        public let key: String
        /// Of a `read`, as it was asked for.
        public var range: Range<Int>?
    }

    /// What befalls a call.
    public enum Fault: Sendable {
        /// It does nothing, and throws.
        case notDone(ErrorCode)
        /// It does its work, and throws all the same: its answer is lost.
        case done(ErrorCode)
    }

    private struct State {
        var objects: [String: StoredObject] = [:]
        var versions = 0
        var calls: [Call] = []
        var bytesRead = 0
        var before: @Sendable (Call) -> Fault? = { _ in nil }
    }

    public let name: String
    private let state = Mutex(State())

    public init(name: String = "memory") {
        self.name = name
    }

    /// Asks `body` before each call, from now on, what befalls it. While `body` works, the call waits: it may do
    /// whatever another process might do meanwhile, with this store too.
    public func before(_ body: @escaping @Sendable (Call) -> Fault?) {
        state.withLock { $0.before = body }
    }

    /// All calls so far, in order.
    public var calls: [Call] { state.withLock { $0.calls } }

    /// Bytes that reads and gets have brought so far.
    public var bytesRead: Int { state.withLock { $0.bytesRead } }

    /// What is there; nil where nothing is.
    public subscript(_ key: String) -> [UInt8]? {
        get { state.withLock { $0.objects[key]?.bytes } }
        set {
            state.withLock { state in
                state.objects[key] = newValue.map { Self.object($0, &state) }
            }
        }
    }

    public var keys: [String] { state.withLock { $0.objects.keys.sorted() } }

    private static func object(_ bytes: [UInt8], _ state: inout State) -> StoredObject {
        state.versions += 1
        return StoredObject(bytes: bytes, version: ObjectVersion(String(state.versions)))
    }

    /// Runs `body` as the fault of the call wants it.
    private func perform<Value: Sendable>(
        _ call: Call, _ deadline: Deadline, _ body: (inout State) throws(ImpRAGError) -> Value
    ) throws(ImpRAGError) -> Value {
        let before = state.withLock { state in
            state.calls.append(call)
            return state.before
        }
        let fault = before(call)
        try deadline.check("\(call.kind) of \(call.key) in \(name)")
        if case .notDone(let code) = fault { throw ImpRAGError(code, "\(call.kind) of \(call.key) was not done") }
        let value = try state.withLock { state throws(ImpRAGError) in try body(&state) }
        if case .done(let code) = fault { throw ImpRAGError(code, "\(call.kind) of \(call.key) has no answer") }
        return value
    }

    // MARK: ObjectStore

    public func get(_ key: ObjectKey, limit: Int, deadline: Deadline) throws(ImpRAGError) -> StoredObject? {
        try perform(Call(kind: .get, key: key.text), deadline) { state throws(ImpRAGError) in
            guard let object = state.objects[key.text] else { return nil }
            guard object.bytes.count <= limit else {
                throw ImpRAGError(.resourceExhausted, "\(key) has \(object.bytes.count) bytes, more than \(limit)")
            }
            state.bytesRead += object.bytes.count
            return object
        }
    }

    public func read(_ key: ObjectKey, _ range: Range<Int>, deadline: Deadline) throws(ImpRAGError) -> ObjectPart? {
        guard range.lowerBound >= 0, !range.isEmpty else {
            throw ImpRAGError(.invalidArgument, "\(range) is no range of bytes")
        }
        return try perform(Call(kind: .read, key: key.text, range: range), deadline) { state in
            guard let bytes = state.objects[key.text]?.bytes else { return nil }
            let part = bytes[range.clamped(to: 0..<bytes.count)]
            state.bytesRead += part.count
            return ObjectPart(bytes: Array(part), size: bytes.count)
        }
    }

    public func put(
        _ bytes: [UInt8], as key: ObjectKey, if condition: PutCondition, deadline: Deadline
    ) throws(ImpRAGError) -> PutOutcome {
        try perform(Call(kind: .put, key: key.text), deadline) { state throws(ImpRAGError) in
            guard condition == .always || bytes.count <= conditionalLimit else {
                throw ImpRAGError(.invalidArgument, "\(key) has \(bytes.count) bytes")
            }
            let now = state.objects[key.text]
            if condition != .always, let now, now.bytes == bytes { return .stored(now.version) }
            switch condition {
            case .always: break
            case .absent: guard now == nil else { return .lost(to: now) }
            case .version(let version): guard let now, now.version == version else { return .lost(to: now) }
            }
            let object = Self.object(bytes, &state)
            state.objects[key.text] = object
            return .stored(object.version)
        }
    }

    public func upload(_ path: String, as key: ObjectKey, deadline: Deadline) throws(ImpRAGError) {
        let data: Data
        do { data = try Data(contentsOf: URL(filePath: path)) } catch {
            throw ImpRAGError(.notFound, "\(path) cannot be read", cause: error)
        }
        try perform(Call(kind: .upload, key: key.text), deadline) { state in
            state.objects[key.text] = Self.object(Array(data), &state)
        }
    }

    public func download(_ key: ObjectKey, to path: String, deadline: Deadline) throws(ImpRAGError) -> Bool {
        let bytes = try perform(Call(kind: .download, key: key.text), deadline) { state in
            state.objects[key.text]?.bytes
        }
        guard let bytes else { return false }
        do { try Data(bytes).write(to: URL(filePath: path), options: .withoutOverwriting) } catch {
            throw ImpRAGError(.unavailable, "\(path) cannot be written", cause: error)
        }
        return true
    }

    public func list(
        _ prefix: String, after: ObjectKey?, limit: Int, deadline: Deadline
    ) throws(ImpRAGError) -> [ListedObject] {
        try perform(Call(kind: .list, key: prefix), deadline) { state in
            let found = state.objects.compactMap { text, object -> ListedObject? in
                guard text.hasPrefix(prefix), let key = try? ObjectKey(text), after.map({ $0 < key }) ?? true else {
                    return nil
                }
                return ListedObject(key: key, size: object.bytes.count)
            }
            return Array(found.sorted { $0.key < $1.key }.prefix(limit))
        }
    }

    public func delete(_ key: ObjectKey, deadline: Deadline) throws(ImpRAGError) {
        try perform(Call(kind: .delete, key: key.text), deadline) { state in
            state.objects[key.text] = nil
        }
    }
}
