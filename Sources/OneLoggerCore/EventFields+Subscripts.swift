extension EventFields {
    /// Sets an integer field; write-only.
    @inlinable public subscript(_ name: StaticName) -> Int {
        @available(*, unavailable, message: "fields are write-only") get { 0 }
        @inline(__always) set { store(name, 1, newValue) }
    }

    /// Sets a number field; write-only.
    @inlinable public subscript(_ name: StaticName) -> Double {
        @available(*, unavailable, message: "fields are write-only") get { 0 }
        @inline(__always) set { store(name, 2, newValue) }
    }

    /// Sets a truth value field; write-only.
    @inlinable public subscript(_ name: StaticName) -> Bool {
        @available(*, unavailable, message: "fields are write-only") get { false }
        @inline(__always) set { store(name, 3, newValue ? 1 : 0) }
    }

    /// Sets a text field; write-only.
    @inlinable public subscript(_ name: StaticName) -> String {
        @available(*, unavailable, message: "fields are write-only") get { "" }
        @inline(__always) set { store(name, newValue) }
    }

    /// Sets an integer field that may be null; write-only.
    @inlinable public subscript(_ name: StaticName) -> Int? {
        @available(*, unavailable, message: "fields are write-only") get { nil }
        @inline(__always) set { if let newValue { store(name, 1, newValue) } else { store(null: name) } }
    }

    /// Sets a number field that may be null; write-only.
    @inlinable public subscript(_ name: StaticName) -> Double? {
        @available(*, unavailable, message: "fields are write-only") get { nil }
        @inline(__always) set { if let newValue { store(name, 2, newValue) } else { store(null: name) } }
    }

    /// Sets a truth value field that may be null; write-only.
    @inlinable public subscript(_ name: StaticName) -> Bool? {
        @available(*, unavailable, message: "fields are write-only") get { nil }
        @inline(__always) set {
            if let newValue { store(name, 3, newValue ? 1 : 0) } else { store(null: name) }
        }
    }

    /// Sets a text field that may be null; write-only.
    @inlinable public subscript(_ name: StaticName) -> String? {
        @available(*, unavailable, message: "fields are write-only") get { nil }
        @inline(__always) set { if let newValue { store(name, newValue) } else { store(null: name) } }
    }

    /// Sets a field of any shape, lists too; write-only.
    @inlinable @_disfavoredOverload public subscript(_ name: StaticName) -> AttributeValue? {
        @available(*, unavailable, message: "fields are write-only") get { nil }
        set { store(any: name, newValue) }
    }
}
