// Attributes whose values are variables and expressions. The forms with literal values, which cost less, are preferred
// wherever they fit.

public import OneLoggerCore
public import Synchronization

extension TimedSpan {
    @inline(never) @usableFromInline
    mutating func store(_ attributes: AttributeList) {
        for (key, value) in attributes.elements { store(key, value.attributeValue) }
    }

    /// Notes a point in time and what is known about it; the attributes are evaluated only when the span is recorded.
    @_disfavoredOverload
    public mutating func event(_ name: StaticName, _ attributes: @autoclosure () -> AttributeList) {
        guard isRecording else { return }
        let mark = HotPath.openEvent(&self, name)
        guard mark >= 0 else { return }
        store(attributes())
        HotPath.closeEvent(&self, mark)
    }
}

/// Times `body` under `name`, with attributes of any values.
///
/// - Parameters:
///   - name: What is timed.
///   - attributes: Literal names with any values; evaluated only when the span is recorded.
///   - body: The work; its span is usable only inside it.
/// - Returns: What the body returns.
/// - Throws: What the body throws, unchanged; it is recorded on the span first.
@_disfavoredOverload @inlinable
public func timedSpan<R: ~Copyable, E: Error>(
    _ name: StaticName, attributes: @autoclosure () -> AttributeList, _ body: (inout TimedSpan) throws(E) -> R
) throws(E) -> R {
    try HotPath.run(
        HotPath.gate.load(ordering: .relaxed), name,
        { (span: inout TimedSpan) in span.store(attributes()) }, body)
}

/// Times `body` under `name`, with attributes of any values.
///
/// - Parameters:
///   - name: What is timed.
///   - attributes: Literal names with any values; evaluated only when the span is recorded.
///   - isolation: The caller's actor, on which the body stays.
///   - body: The work; its span is usable only inside it.
/// - Returns: What the body returns.
/// - Throws: What the body throws, unchanged; it is recorded on the span first.
@_disfavoredOverload @inlinable
public func timedSpan<R, E: Error>(
    _ name: StaticName, attributes: @autoclosure () -> AttributeList, isolation: isolated (any Actor)? = #isolation,
    _ body: nonisolated(nonsending) (inout TimedSpan) async throws(E) -> R
) async throws(E) -> R {
    try await HotPath.runAsync(
        HotPath.gate.load(ordering: .relaxed), name, .inherit, isolation: isolation,
        { (span: inout TimedSpan) in span.store(attributes()) }, body)
}

extension Recorder {
    /// Times `body` under `name`, with attributes of any values.
    ///
    /// - Parameters:
    ///   - name: What is timed.
    ///   - attributes: Literal names with any values; evaluated only when the span is recorded.
    ///   - body: The work; its span is usable only inside it.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded on the span first.
    @_disfavoredOverload @inlinable
    public func timedSpan<R: ~Copyable, E: Error>(
        _ name: StaticName, attributes: @autoclosure () -> AttributeList, _ body: (inout TimedSpan) throws(E) -> R
    ) throws(E) -> R {
        try HotPath.run(
            gate.load(ordering: .relaxed), name,
            { (span: inout TimedSpan) in span.store(attributes()) }, body)
    }

    /// Times `body` under `name`, with attributes of any values.
    ///
    /// - Parameters:
    ///   - name: What is timed.
    ///   - attributes: Literal names with any values; evaluated only when the span is recorded.
    ///   - isolation: The caller's actor, on which the body stays.
    ///   - body: The work; its span is usable only inside it.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded on the span first.
    @_disfavoredOverload @inlinable
    public func timedSpan<R, E: Error>(
        _ name: StaticName, attributes: @autoclosure () -> AttributeList, isolation: isolated (any Actor)? = #isolation,
        _ body: nonisolated(nonsending) (inout TimedSpan) async throws(E) -> R
    ) async throws(E) -> R {
        try await HotPath.runAsync(
            gate.load(ordering: .relaxed), name, .inherit, isolation: isolation,
            { (span: inout TimedSpan) in span.store(attributes()) }, body)
    }
}
