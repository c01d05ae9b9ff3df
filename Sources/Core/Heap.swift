/// An element of a `Heap`.
public protocol HeapElement {
    /// Whether it belongs nearer the top than `other`.
    func isAbove(_ other: Self) -> Bool
}

/// A binary heap in an array; the element that is above all others is on top.
///
/// Inlinable, so that hot loops in other modules are specialized for their elements.
public struct Heap<Element: HeapElement> {
    @usableFromInline var storage: [Element] = []

    @inlinable public init() {}

    @inlinable public var count: Int { storage.count }
    @inlinable public var isEmpty: Bool { storage.isEmpty }
    @inlinable public var top: Element? { storage.first }

    /// In heap order: only the first is in a defined place.
    @inlinable public var elements: [Element] { storage }

    @inlinable public mutating func reserveCapacity(_ count: Int) {
        storage.reserveCapacity(count)
    }

    @inlinable public mutating func removeAll(keepingCapacity keeps: Bool = false) {
        storage.removeAll(keepingCapacity: keeps)
    }

    /// - Complexity: O(log n).
    @inlinable public mutating func insert(_ element: Element) {
        storage.append(element)
        var place = storage.count - 1
        while place > 0 {
            let parent = (place - 1) / 2
            guard element.isAbove(storage[parent]) else { break }
            storage[place] = storage[parent]
            place = parent
        }
        storage[place] = element
    }

    /// Adds without restoring the order; call `order` before anything else.
    @inlinable public mutating func append(_ element: Element) {
        storage.append(element)
    }

    /// - Complexity: O(n).
    @inlinable public mutating func order() {
        for place in stride(from: storage.count / 2 - 1, through: 0, by: -1) { sink(place) }
    }

    /// - Complexity: O(log n).
    @inlinable public mutating func popTop() -> Element? {
        guard let top = storage.first, let last = storage.popLast() else { return nil }
        if !storage.isEmpty {
            storage[0] = last
            sink(0)
        }
        return top
    }

    /// Replaces the top of a non-empty heap by `element`.
    ///
    /// - Complexity: O(log n).
    @inlinable public mutating func replaceTop(with element: Element) {
        storage[0] = element
        sink(0)
    }

    @inlinable mutating func sink(_ start: Int) {
        let element = storage[start]
        var place = start
        while true {
            var child = 2 * place + 1
            guard child < storage.count else { break }
            if child + 1 < storage.count, storage[child + 1].isAbove(storage[child]) { child += 1 }
            guard storage[child].isAbove(element) else { break }
            storage[place] = storage[child]
            place = child
        }
        storage[place] = element
    }
}

extension Heap: Sendable where Element: Sendable {}
