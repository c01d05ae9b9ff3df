/// The ids that a post-processor puts around a text.
struct Template: Sendable {
    var prefix: [Int32] = []
    var suffix: [Int32] = []
}
