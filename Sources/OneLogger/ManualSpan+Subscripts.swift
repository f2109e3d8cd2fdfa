public import OneLoggerCore

/// The same as ``TimedSpan`` has, so that `span["loss"] = loss` means the same on both.
extension ManualSpan {
    /// Sets an integer attribute; write-only, and the last value of a key counts.
    public subscript(_ key: String) -> Int {
        @available(*, unavailable, message: "attributes are write-only") get { 0 }
        nonmutating set { set([key: .int(newValue)]) }
    }

    /// Sets a number attribute; write-only, and the last value of a key counts.
    public subscript(_ key: String) -> Double {
        @available(*, unavailable, message: "attributes are write-only") get { 0 }
        nonmutating set { set([key: .double(newValue)]) }
    }

    /// Sets a number attribute; write-only, and the last value of a key counts.
    public subscript(_ key: String) -> Float {
        @available(*, unavailable, message: "attributes are write-only") get { 0 }
        nonmutating set { set([key: .double(Double(newValue))]) }
    }

    /// Sets a truth value attribute; write-only, and the last value of a key counts.
    public subscript(_ key: String) -> Bool {
        @available(*, unavailable, message: "attributes are write-only") get { false }
        nonmutating set { set([key: .bool(newValue)]) }
    }

    /// Sets a text attribute; write-only, and the last value of a key counts.
    public subscript(_ key: String) -> String {
        @available(*, unavailable, message: "attributes are write-only") get { "" }
        nonmutating set { set([key: .string(newValue)]) }
    }

    /// Sets a list attribute; write-only, and the last value of a key counts.
    public subscript(_ key: String) -> [Int] {
        @available(*, unavailable, message: "attributes are write-only") get { [] }
        nonmutating set { set([key: .ints(newValue)]) }
    }

    /// Sets a list attribute; write-only, and the last value of a key counts.
    public subscript(_ key: String) -> [Double] {
        @available(*, unavailable, message: "attributes are write-only") get { [] }
        nonmutating set { set([key: .doubles(newValue)]) }
    }

    /// Sets a list attribute; write-only, and the last value of a key counts.
    public subscript(_ key: String) -> [String] {
        @available(*, unavailable, message: "attributes are write-only") get { [] }
        nonmutating set { set([key: .strings(newValue)]) }
    }

    /// Sets a list attribute; write-only, and the last value of a key counts.
    public subscript(_ key: String) -> [Bool] {
        @available(*, unavailable, message: "attributes are write-only") get { [] }
        nonmutating set { set([key: .bools(newValue)]) }
    }

    /// Sets an attribute of any shape; write-only, and the last value of a key counts.
    @_disfavoredOverload
    public subscript(_ key: String) -> AttributeValue {
        @available(*, unavailable, message: "attributes are write-only") get { .int(0) }
        nonmutating set { set([key: newValue]) }
    }
}
