/// A name known at compile time, such as `"train.step"`.
///
/// Sixteen trivial bytes, so passing one costs nothing. Names made at run time take the `String` overloads instead.
@frozen @safe
public struct StaticName: Sendable, BitwiseCopyable, ExpressibleByStringLiteral {
    /// The literal.
    public let text: StaticString

    /// Wraps a literal.
    @export(implementation) @inline(__always)
    public init(stringLiteral text: StaticString) { self.text = text }

    /// Wraps a static string.
    @export(implementation) @inline(__always)
    public init(_ text: StaticString) { self.text = text }
}
