/// Identifies a trace: all spans that descend from one root.
///
/// Never all zero when valid.
@frozen
public struct TraceID: Sendable, Hashable, BitwiseCopyable, CustomStringConvertible {
    /// The first 64 of the 128 bits.
    public var high: UInt64
    /// The last 64 of the 128 bits.
    public var low: UInt64

    /// Creates an id from its two halves.
    @export(implementation) @inline(__always)
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// False when all bits are zero.
    @inlinable public var isValid: Bool { high | low != 0 }

    /// 32 lower-case hexadecimal digits.
    public var description: String { hexadecimal(high) + hexadecimal(low) }
}

/// Identifies a span within its trace.
///
/// Never zero when valid.
@frozen
public struct SpanID: Sendable, Hashable, BitwiseCopyable, CustomStringConvertible {
    /// The 64 bits.
    public var value: UInt64

    /// Creates an id from its bits.
    @export(implementation) @inline(__always)
    public init(_ value: UInt64) { self.value = value }

    /// False when all bits are zero.
    @inlinable public var isValid: Bool { value != 0 }

    /// 16 lower-case hexadecimal digits.
    public var description: String { hexadecimal(value) }
}

/// What identifies a span across tasks, threads and processes.
///
/// The text form is the `traceparent` header of the W3C recommendation Trace Context,
/// https://www.w3.org/TR/trace-context/#traceparent-header.
@frozen
public struct SpanContext: Sendable, Hashable, BitwiseCopyable {
    /// The trace that the span belongs to.
    public var traceID: TraceID
    /// The span.
    public var spanID: SpanID
    /// True when the span is recorded, so that its descendants in other processes should be as well.
    public var isSampled: Bool
    /// True when the context came from another process.
    public var isRemote: Bool

    /// Creates a context.
    @export(implementation) @inline(__always)
    public init(traceID: TraceID, spanID: SpanID, isSampled: Bool = true, isRemote: Bool = false) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
        self.isRemote = isRemote
    }

    /// True when both ids are.
    public var isValid: Bool { traceID.isValid && spanID.isValid }
}

extension SpanContext {
    /// Reads a `traceparent`; nil when the recommendation calls it invalid.
    ///
    /// Version `ff`, ids of zeros, upper-case digits, missing or extra characters are invalid. A version above `00` is
    /// read by its first 55 characters, which a dash must follow when there are more. Of the flags only *sampled* (bit
    /// 0) has a meaning here.
    public init?(traceparent: String) {
        var text = traceparent
        let parsed: SpanContext? = text.withUTF8 { bytes in
            let bytes = unsafe Span(_unsafeElements: bytes)
            guard bytes.count >= 55, bytes[2] == 45, bytes[35] == 45, bytes[52] == 45,
                let version = Self.hexadecimal(bytes, 0, 2), version != 0xff,
                let high = Self.hexadecimal(bytes, 3, 16), let low = Self.hexadecimal(bytes, 19, 16),
                let span = Self.hexadecimal(bytes, 36, 16), let flags = Self.hexadecimal(bytes, 53, 2),
                bytes.count == 55 || version != 0 && bytes[55] == 45
            else { return nil }
            return SpanContext(
                traceID: TraceID(high: high, low: low), spanID: SpanID(span), isSampled: flags & 1 != 0, isRemote: true)
        }
        guard let parsed, parsed.isValid else { return nil }
        self = parsed
    }

    /// The version `00` text of this context; nil when it is not valid.
    public var traceparent: String? { isValid ? "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" : nil }

    private static func hexadecimal(_ bytes: borrowing Span<UInt8>, _ start: Int, _ count: Int) -> UInt64? {
        var value: UInt64 = 0
        for place in start..<start + count {
            let byte = bytes[place]
            switch byte {
            case 48...57: value = value &<< 4 | UInt64(byte - 48)
            case 97...102: value = value &<< 4 | UInt64(byte - 87)
            default: return nil
            }
        }
        return value
    }
}

private func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
}
