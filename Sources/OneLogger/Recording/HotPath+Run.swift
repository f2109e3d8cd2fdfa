public import OneLoggerCore

/// What is inlined into the caller: the frame, one call before the body and one after it.
extension HotPath {
    @export(implementation) @inline(__always)
    static func run<R: ~Copyable, E: Error>(
        _ gate: UInt, _ name: StaticName, _ attributes: (inout TimedSpan) -> Void,
        _ body: (inout TimedSpan) throws(E) -> R
    ) throws(E) -> R {
        let result: Result<R, E> = unsafe withUnsafeTemporaryAllocation(byteCount: 288, alignment: 16) { frame in
            var span = unsafe TimedSpan(frame.baseAddress.unsafelyUnwrapped)
            if gate != 0 {
                unsafe begin(&span, gate, name.text.utf8Start, name.text.utf8CodeUnitCount, true)
                if span.isRecording {
                    attributes(&span)
                    if span.flags & (TimedSpan.announced | TimedSpan.lazy) != 0 {
                        unsafe announce(&span, name.text.utf8Start, name.text.utf8CodeUnitCount)
                    }
                }
            }
            do throws(E) {
                let value = try body(&span)
                if unsafe span.block != nil { unsafe end(&span, name.text.utf8Start, name.text.utf8CodeUnitCount) }
                return .success(value)
            } catch {
                if unsafe span.block != nil {
                    unsafe fail(&span, name.text.utf8Start, name.text.utf8CodeUnitCount, error)
                    unsafe end(&span, name.text.utf8Start, name.text.utf8CodeUnitCount)
                }
                return .failure(error)
            }
        }
        return try result.get()
    }

    @inlinable
    static func run<R: ~Copyable, E: Error>(
        _ gate: UInt, _ name: String, _ parent: SpanParent, _ attributes: (inout TimedSpan) -> Void,
        _ body: (inout TimedSpan) throws(E) -> R
    ) throws(E) -> R {
        let result: Result<R, E> = unsafe withUnsafeTemporaryAllocation(byteCount: 288, alignment: 16) { frame in
            var span = unsafe TimedSpan(frame.baseAddress.unsafelyUnwrapped)
            if gate != 0 {
                begin(&span, gate, name, under: parent)
                if span.isRecording {
                    attributes(&span)
                    if span.flags & (TimedSpan.announced | TimedSpan.lazy) != 0 { announceDynamic(&span) }
                }
            }
            do throws(E) {
                let value = try body(&span)
                if unsafe span.block != nil { endDynamic(&span) }
                return .success(value)
            } catch {
                if unsafe span.block != nil {
                    failDynamic(&span, error)
                    endDynamic(&span)
                }
                return .failure(error)
            }
        }
        return try result.get()
    }

    @inlinable
    static func runAsync<R, E: Error>(
        _ gate: UInt, _ name: StaticName, _ parent: SpanParent, isolation: isolated (any Actor)?,
        _ attributes: (inout TimedSpan) -> Void,
        _ body: nonisolated(nonsending) (inout TimedSpan) async throws(E) -> R
    ) async throws(E) -> R {
        guard gate != 0 else {
            var span = unsafe TimedSpan(noFrame())
            return try await body(&span)
        }
        var span = unsafe TimedSpan(takeFrame(gate))
        let scope = unsafe beginAsync(
            &span, gate, name.text.utf8Start, name.text.utf8CodeUnitCount, true, under: parent)
        if span.isRecording {
            attributes(&span)
            if span.flags & (TimedSpan.announced | TimedSpan.lazy) != 0 {
                unsafe announce(&span, name.text.utf8Start, name.text.utf8CodeUnitCount)
            }
        }
        let result: Result<R, E> = await bound(scope, &span, isolation: isolation, body)
        if case .failure(let error) = result {
            unsafe fail(&span, name.text.utf8Start, name.text.utf8CodeUnitCount, error)
        }
        unsafe endAsync(&span, name.text.utf8Start, name.text.utf8CodeUnitCount)
        return try result.get()
    }

    @inlinable
    static func runAsync<R, E: Error>(
        _ gate: UInt, _ name: String, _ parent: SpanParent, isolation: isolated (any Actor)?,
        _ attributes: (inout TimedSpan) -> Void,
        _ body: nonisolated(nonsending) (inout TimedSpan) async throws(E) -> R
    ) async throws(E) -> R {
        guard gate != 0 else {
            var span = unsafe TimedSpan(noFrame())
            return try await body(&span)
        }
        var span = unsafe TimedSpan(takeFrame(gate))
        let scope = beginAsync(&span, gate, name, under: parent)
        if span.isRecording {
            attributes(&span)
            if span.flags & (TimedSpan.announced | TimedSpan.lazy) != 0 { announceDynamic(&span) }
        }
        let result: Result<R, E> = await bound(scope, &span, isolation: isolation, body)
        if case .failure(let error) = result { failDynamic(&span, error) }
        endAsyncDynamic(&span)
        return try result.get()
    }

    /// Runs the body with its scope bound for itself and its child tasks.
    @export(implementation) @inline(__always)
    static func bound<R, E: Error>(
        _ scope: Scope?, _ span: inout TimedSpan, isolation: isolated (any Actor)?,
        _ body: nonisolated(nonsending) (inout TimedSpan) async throws(E) -> R
    ) async -> Result<R, E> {
        await unsafe local(span.block).withValue(scope) { () async -> Result<R, E> in
            // Captured, so that this closure runs on the caller's actor: without it every span hops off and back.
            _ = isolation
            do throws(E) { return .success(try await body(&span)) } catch { return .failure(error) }
        }
    }
}

extension TimedSpan {
    /// Sets what the longest form of `timedSpan` was given.
    @usableFromInline
    mutating func describe(_ kind: SpanKind, _ links: [SpanLink], _ attributes: Attributes, _ start: Attributes) {
        set(attributes)
        for each in links { link(each.context, each.attributes) }
        HotPath.append(&self) { buffer in
            buffer.append(kind: kind)
            if !start.isEmpty { buffer.nested(RecordLayout.Tag.startAttributes, start) }
        }
    }
}
