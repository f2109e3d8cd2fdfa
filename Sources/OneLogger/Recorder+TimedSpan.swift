// Five forms, each on a recorder and free, each for a body that blocks and one that awaits. The simplest one that fits
// is taken: a literal name and literal numbers cost nothing beyond the span; `parent:` opens everything else.

public import OneLoggerCore
public import Synchronization

// MARK: - on a recorder, synchronous

extension Recorder {
    /// Times `body` under `name`; throws only what the body throws.
    ///
    /// - Parameters:
    ///   - name: What is timed.
    ///   - body: The work; its span is usable only inside it.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded on the span first.
    @export(implementation) @inline(__always)
    public func timedSpan<R: ~Copyable, E: Error>(
        _ name: StaticName, _ body: (inout TimedSpan) throws(E) -> R
    ) throws(E) -> R {
        try HotPath.run(
            gate.load(ordering: .relaxed), name, { (_: inout TimedSpan) in }, body)
    }

    /// Times `body` under `name`, with attributes that cost no allocation.
    ///
    /// - Parameters:
    ///   - name: What is timed.
    ///   - attributes: Numbers, truth values and literal text; evaluated only when the span is recorded.
    ///   - body: The work; its span is usable only inside it.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded on the span first.
    @export(implementation) @inline(__always)
    public func timedSpan<R: ~Copyable, E: Error>(
        _ name: StaticName, attributes: @autoclosure () -> PlainAttributes, _ body: (inout TimedSpan) throws(E) -> R
    ) throws(E) -> R {
        try HotPath.run(
            gate.load(ordering: .relaxed), name,
            { (span: inout TimedSpan) in span.store(attributes()) }, body)
    }

    /// Times `body` under `name`, with attributes of any shape.
    ///
    /// - Parameters:
    ///   - name: What is timed.
    ///   - attributes: Literal names, a text as `.string(name)`; evaluated only when the span is recorded.
    ///   - body: The work; its span is usable only inside it.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded on the span first.
    @_disfavoredOverload @export(implementation) @inline(__always)
    public func timedSpan<R: ~Copyable, E: Error>(
        _ name: StaticName, attributes: @autoclosure () -> AttributeLiteral, _ body: (inout TimedSpan) throws(E) -> R
    ) throws(E) -> R {
        try HotPath.run(
            gate.load(ordering: .relaxed), name,
            { (span: inout TimedSpan) in span.store(attributes()) }, body)
    }

    /// Times `body` under a name made at run time: its bytes are copied, nothing is interned.
    ///
    /// - Parameters:
    ///   - name: What is timed, at most 65,535 bytes.
    ///   - body: The work; its span is usable only inside it.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded on the span first.
    @_disfavoredOverload @inlinable
    public func timedSpan<R: ~Copyable, E: Error>(
        _ name: String, _ body: (inout TimedSpan) throws(E) -> R
    ) throws(E) -> R {
        try HotPath.run(
            gate.load(ordering: .relaxed), name, .inherit, { (_: inout TimedSpan) in }, body)
    }

    /// Times `body`, with everything that can be said at its beginning.
    ///
    /// - Parameters:
    ///   - name: What is timed.
    ///   - parent: Under which span this one hangs.
    ///   - kind: Which part it plays between processes.
    ///   - links: Other spans that it has to do with.
    ///   - attributes: What is known about it; evaluated, like the rest, only when the span is recorded.
    ///   - startEvent: What is known about its beginning.
    ///   - body: The work; its span is usable only inside it.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded on the span first.
    @_disfavoredOverload @inlinable
    public func timedSpan<R: ~Copyable, E: Error>(
        _ name: String, parent: SpanParent, kind: SpanKind = .internal, links: @autoclosure () -> [SpanLink] = [],
        attributes: @autoclosure () -> Attributes = [:], startEvent: @autoclosure () -> Attributes = [:],
        _ body: (inout TimedSpan) throws(E) -> R
    ) throws(E) -> R {
        try HotPath.run(
            gate.load(ordering: .relaxed), name, parent,
            { (span: inout TimedSpan) in span.describe(kind, links(), attributes(), startEvent()) }, body)
    }
}

// MARK: - on a recorder, asynchronous

extension Recorder {
    /// Times `body` under `name`; throws only what the body throws.
    ///
    /// - Parameters:
    ///   - name: What is timed.
    ///   - isolation: The caller's actor, on which the body stays.
    ///   - body: The work; its span is usable only inside it.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded on the span first.
    @inlinable
    public func timedSpan<R, E: Error>(
        _ name: StaticName, isolation: isolated (any Actor)? = #isolation,
        _ body: nonisolated(nonsending) (inout TimedSpan) async throws(E) -> R
    ) async throws(E) -> R {
        try await HotPath.runAsync(
            gate.load(ordering: .relaxed), name, .inherit, isolation: isolation,
            { (_: inout TimedSpan) in }, body)
    }

    /// Times `body` under `name`, with attributes that cost no allocation.
    ///
    /// - Parameters:
    ///   - name: What is timed.
    ///   - attributes: Numbers, truth values and literal text; evaluated only when the span is recorded.
    ///   - isolation: The caller's actor, on which the body stays.
    ///   - body: The work; its span is usable only inside it.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded on the span first.
    @inlinable
    public func timedSpan<R, E: Error>(
        _ name: StaticName, attributes: @autoclosure () -> PlainAttributes,
        isolation: isolated (any Actor)? = #isolation,
        _ body: nonisolated(nonsending) (inout TimedSpan) async throws(E) -> R
    ) async throws(E) -> R {
        try await HotPath.runAsync(
            gate.load(ordering: .relaxed), name, .inherit, isolation: isolation,
            { (span: inout TimedSpan) in span.store(attributes()) }, body)
    }

    /// Times `body` under `name`, with attributes of any shape.
    ///
    /// - Parameters:
    ///   - name: What is timed.
    ///   - attributes: Literal names, a text as `.string(name)`; evaluated only when the span is recorded.
    ///   - isolation: The caller's actor, on which the body stays.
    ///   - body: The work; its span is usable only inside it.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded on the span first.
    @_disfavoredOverload @inlinable
    public func timedSpan<R, E: Error>(
        _ name: StaticName, attributes: @autoclosure () -> AttributeLiteral,
        isolation: isolated (any Actor)? = #isolation,
        _ body: nonisolated(nonsending) (inout TimedSpan) async throws(E) -> R
    ) async throws(E) -> R {
        try await HotPath.runAsync(
            gate.load(ordering: .relaxed), name, .inherit, isolation: isolation,
            { (span: inout TimedSpan) in span.store(attributes()) }, body)
    }

    /// Times `body` under a name made at run time: its bytes are copied, nothing is interned.
    ///
    /// - Parameters:
    ///   - name: What is timed, at most 65,535 bytes.
    ///   - isolation: The caller's actor, on which the body stays.
    ///   - body: The work; its span is usable only inside it.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded on the span first.
    @_disfavoredOverload @inlinable
    public func timedSpan<R, E: Error>(
        _ name: String, isolation: isolated (any Actor)? = #isolation,
        _ body: nonisolated(nonsending) (inout TimedSpan) async throws(E) -> R
    ) async throws(E) -> R {
        try await HotPath.runAsync(
            gate.load(ordering: .relaxed), name, .inherit, isolation: isolation,
            { (_: inout TimedSpan) in }, body)
    }

    /// Times `body`, with everything that can be said at its beginning.
    ///
    /// - Parameters:
    ///   - name: What is timed.
    ///   - parent: Under which span this one hangs.
    ///   - kind: Which part it plays between processes.
    ///   - links: Other spans that it has to do with.
    ///   - attributes: What is known about it; evaluated, like the rest, only when the span is recorded.
    ///   - startEvent: What is known about its beginning.
    ///   - isolation: The caller's actor, on which the body stays.
    ///   - body: The work; its span is usable only inside it.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, unchanged; it is recorded on the span first.
    @_disfavoredOverload @inlinable
    public func timedSpan<R, E: Error>(
        _ name: String, parent: SpanParent, kind: SpanKind = .internal, links: @autoclosure () -> [SpanLink] = [],
        attributes: @autoclosure () -> Attributes = [:], startEvent: @autoclosure () -> Attributes = [:],
        isolation: isolated (any Actor)? = #isolation,
        _ body: nonisolated(nonsending) (inout TimedSpan) async throws(E) -> R
    ) async throws(E) -> R {
        try await HotPath.runAsync(
            gate.load(ordering: .relaxed), name, parent, isolation: isolation,
            { (span: inout TimedSpan) in span.describe(kind, links(), attributes(), startEvent()) }, body)
    }
}
