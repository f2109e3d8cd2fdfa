import OneLoggerCore
import OneLoggerTestSupport
import Testing

/// The rules of https://www.w3.org/TR/trace-context/#traceparent-header.
@Suite struct TraceparentTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c", span = "b7ad6b7169203331"
    private static let valid = "00-\(trace)-\(span)-01"

    @Test func `the recommendation's example is read`() throws {
        let context = try #require(SpanContext(traceparent: Self.valid))
        #expect(context.traceID == TraceID(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c))
        #expect(context.spanID == SpanID(0xb7ad_6b71_6920_3331))
        #expect(context.isSampled)
        #expect(context.isRemote)
        #expect(context.traceID.description == Self.trace)
        #expect(context.spanID.description == Self.span)
    }

    @Test(arguments: [("00", false), ("01", true), ("02", false), ("03", true), ("fe", false), ("ff", true)])
    func `of the flags only the lowest bit counts`(flags: String, isSampled: Bool) throws {
        let context = try #require(SpanContext(traceparent: "00-\(Self.trace)-\(Self.span)-\(flags)"))
        #expect(context.isSampled == isSampled)
        #expect(
            context.traceparent == "00-\(Self.trace)-\(Self.span)-0\(isSampled ? 1 : 0)", "others are not passed on")
    }

    @Test(arguments: [
        "01-\(trace)-\(span)-01", "cc-\(trace)-\(span)-01", "fe-\(trace)-\(span)-01", "cc-\(trace)-\(span)-01-",
        "cc-\(trace)-\(span)-01-what-the-future-will-be-like", "cc-\(trace)-\(span)-01-ÄÖÜ",
    ])
    func `a later version is read by its first 55 characters`(text: String) throws {
        let context = try #require(SpanContext(traceparent: text))
        #expect(context.traceparent == Self.valid, "and passed on as version 00")
    }

    @Test(arguments: [
        ("version ff", "ff-\(trace)-\(span)-01"), ("version ff with more", "ff-\(trace)-\(span)-01-x"),
        ("version 00 with more", "\(valid)-"), ("version 00 with a text behind", "\(valid)-what"),
        ("version 00 with a character more", "\(valid)0"),
        ("later, no dash behind the flags", "cc-\(trace)-\(span)-01.x"),
        ("later, a digit behind the flags", "cc-\(trace)-\(span)-010"), ("later, too short", "cc-\(trace)-\(span)-0"),
        ("trace of zeros", "00-00000000000000000000000000000000-\(span)-01"),
        ("span of zeros", "00-\(trace)-0000000000000000-01"),
        ("upper case in the trace", "00-0AF7651916CD43DD8448EB211C80319C-\(span)-01"),
        ("upper case in the span", "00-\(trace)-B7AD6B7169203331-01"),
        ("upper case in the flags", "00-\(trace)-\(span)-0A"),
        ("upper case in the version", "CC-\(trace)-\(span)-01"), ("version with a point", ".0-\(trace)-\(span)-01"),
        ("flags with a point", "00-\(trace)-\(span)-.1"), ("trace with a letter", "00-\(trace.dropLast())g-\(span)-01"),
        ("span with a dash", "00-\(trace)-\(span.dropLast())--01"),
        ("short trace", "00-\(trace.dropLast())-\(span)-01"),
        ("long trace", "00-\(trace)0-\(span)-01"), ("short span", "00-\(trace)-\(span.dropLast())-01"),
        ("long span", "00-\(trace)-\(span)0-01"), ("short version", "0-\(trace)-\(span)-01"),
        ("long version", "000-\(trace)-\(span)-01"), ("short flags", "00-\(trace)-\(span)-1"),
        ("no flags", "00-\(trace)-\(span)"),
        ("underscores", "00_\(trace)_\(span)_01"), ("a space before", " \(valid)"), ("a space behind", "\(valid) "),
        ("a line end", "\(valid)\n"), ("no characters", ""), ("dashes only", String(repeating: "-", count: 55)),
        ("characters of two bytes", String(repeating: "é", count: 28)),
        ("a wide digit", "00-\(trace.dropLast(3))\u{FF11}-\(span)-01"),
        ("a zero byte", "00-\(trace.dropLast())\0-\(span)-01"),
    ])
    func `what the recommendation calls invalid gives nil`(why: String, text: String) {
        #expect(SpanContext(traceparent: text) == nil, "\(why)")
    }

    @Test func `every cut of a valid text is invalid`() {
        for length in 0..<55 { #expect(SpanContext(traceparent: String(Self.valid.prefix(length))) == nil) }
    }

    /// A colon and a back quote lie beside the digits and letters in the table of characters.
    @Test func `any other character at any place is invalid`() {
        for place in 0..<55 {
            for other in ["g", ":", "/", "`", "@", "G", " ", "+", "é"] {
                var characters = Array(Self.valid).map(String.init)
                characters[place] = other
                #expect(SpanContext(traceparent: characters.joined()) == nil, "\(other) at \(place)")
            }
        }
    }

    @Test func `what is written is read back as it was`() throws {
        var records = RandomRecords(seed: 3)
        for _ in 0..<500 {
            var context = records.context()
            context.isSampled = records.chance(2)
            let text = try #require(context.traceparent)
            #expect(text.utf8.count == 55)
            context.isRemote = true
            #expect(SpanContext(traceparent: text) == context)
        }
        let small = SpanContext(traceID: TraceID(high: 0, low: 1), spanID: SpanID(0xf), isSampled: false)
        #expect(small.traceparent == "00-00000000000000000000000000000001-000000000000000f-00")
    }

    @Test func `an invalid context has no text`() {
        #expect(SpanContext(traceID: TraceID(high: 0, low: 0), spanID: SpanID(1)).traceparent == nil)
        #expect(SpanContext(traceID: TraceID(high: 1, low: 0), spanID: SpanID(0)).traceparent == nil)
        #expect(SpanContext(traceID: TraceID(high: 1, low: 0), spanID: SpanID(1)).isValid)
    }
}
