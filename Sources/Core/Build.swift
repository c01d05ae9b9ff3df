/// What this program is.
public enum Build {
    /// The version that `imprag --version` prints.
    public static let version = "0.1.0"
}
