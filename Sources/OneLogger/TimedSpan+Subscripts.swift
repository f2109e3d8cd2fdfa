public import OneLoggerCore

extension TimedSpan {
    /// Sets an integer attribute; write-only.
    @export(implementation) public subscript(_ key: StaticName) -> Int {
        @available(*, unavailable, message: "attributes are write-only") get { 0 }
        @inline(__always) set { store(key, 1, newValue) }
    }

    /// Sets a number attribute; write-only.
    @export(implementation) public subscript(_ key: StaticName) -> Double {
        @available(*, unavailable, message: "attributes are write-only") get { 0 }
        @inline(__always) set { store(key, 2, newValue) }
    }

    /// Sets a number attribute; write-only.
    @export(implementation) public subscript(_ key: StaticName) -> Float {
        @available(*, unavailable, message: "attributes are write-only") get { 0 }
        @inline(__always) set { store(key, 2, Double(newValue)) }
    }

    /// Sets a truth value attribute; write-only.
    @export(implementation) public subscript(_ key: StaticName) -> Bool {
        @available(*, unavailable, message: "attributes are write-only") get { false }
        @inline(__always) set { store(key, 3, newValue ? 1 : 0) }
    }

    /// Sets a text attribute; write-only.
    @export(implementation) public subscript(_ key: StaticName) -> String {
        @available(*, unavailable, message: "attributes are write-only") get { "" }
        @inline(__always) set { store(key, newValue) }
    }

    /// Sets an attribute of any shape; write-only.
    @export(implementation) @_disfavoredOverload
    public subscript(_ key: StaticName) -> AttributeValue {
        @available(*, unavailable, message: "attributes are write-only") get { .int(0) }
        set { store(key, newValue) }
    }

    /// Sets a list attribute; write-only.
    ///
    /// Allocates.
    @export(implementation) public subscript(_ key: StaticName) -> [Int] {
        @available(*, unavailable, message: "attributes are write-only") get { [] }
        set { store(key, .ints(newValue)) }
    }

    /// Sets a list attribute; write-only.
    ///
    /// Allocates.
    @export(implementation) public subscript(_ key: StaticName) -> [Double] {
        @available(*, unavailable, message: "attributes are write-only") get { [] }
        set { store(key, .doubles(newValue)) }
    }

    /// Sets a list attribute; write-only.
    ///
    /// Allocates.
    @export(implementation) public subscript(_ key: StaticName) -> [String] {
        @available(*, unavailable, message: "attributes are write-only") get { [] }
        set { store(key, .strings(newValue)) }
    }

    /// Sets a list attribute; write-only.
    ///
    /// Allocates.
    @export(implementation) public subscript(_ key: StaticName) -> [Bool] {
        @available(*, unavailable, message: "attributes are write-only") get { [] }
        set { store(key, .bools(newValue)) }
    }
}
