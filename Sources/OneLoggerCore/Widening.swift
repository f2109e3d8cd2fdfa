// `Int(_:)` is generic in the standard library, and each use of it takes the compiler 5 ms.

extension UInt8 {
    /// The same number.
    @export(implementation) package var int: Int { @inline(__always) get { Int(truncatingIfNeeded: self) } }
}

extension UInt16 {
    /// The same number.
    @export(implementation) package var int: Int { @inline(__always) get { Int(truncatingIfNeeded: self) } }
}

extension UInt32 {
    /// The same number.
    @export(implementation) package var int: Int { @inline(__always) get { Int(truncatingIfNeeded: self) } }
}
