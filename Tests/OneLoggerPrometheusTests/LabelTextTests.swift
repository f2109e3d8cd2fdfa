import OneLoggerCore
import OneLoggerText
import Testing

@testable import OneLoggerPrometheus

@Suite struct LabelTextTests {
    @Test(
        arguments: [
            ([:], ""),
            (["span.name": "train.step"], #"span_name="train.step""#),
            (["b": 1, "a": true], #"a="true",b="1""#),
            (["q": "say \"hi\"\\\nbye"], #"q="say \"hi\"\\\nbye""#),
            (["n": "a\u{0}b"], "n=\"a\u{FFFD}b\""),
            (["u": "日本語 🙂\u{2028}\r\t"], "u=\"日本語 🙂\u{2028}\r\t\""),
            (["größe": "x"], #"gr_e="x""#),
            (["": "x"], #"_="x""#),
            (["1st": "x"], #"_1st="x""#),
            (["__name__": "x"], #"_name_="x""#),
            (["le": "x"], #"le="x""#),
            (["empty": ""], ""),
            (["d": .double(.nan), "e": 0.5], #"d="nan",e="0.5""#),
            (["list": .strings(["a", "b"])], #"list="[\"a\", \"b\"]""#),
        ] as [(Attributes, String)])
    func `attributes become labels in the order of their names`(_ attributes: Attributes, _ expected: String) {
        #expect(LabelText.text(attributes) == expected)
    }

    @Test func `attributes with one name share a label, in the order of their own names`() {
        #expect(LabelText.text(["a_b": "second", "a.b": "first", "c": 1]) == #"a_b="first;second",c="1""#)
    }

    @Test func `an attribute that would hide a label of ours is called exported`() {
        let constants = [ConstantLabel(name: "rank", value: "3")]
        #expect(
            LabelText.text(["rank": "x", "le": 1], constants: constants, reserved: "le")
                == #"exported_le="1",exported_rank="x""#)
        #expect(LabelText.text(["rank": 3], constants: constants) == "", "the same value needs no second label")
        #expect(LabelText.text(["rank": 4, "exported.rank": 5], constants: constants) == #"exported_rank="5;4""#)
    }

    @Test func `a help text is one line and never empty`() {
        #expect(LabelText.help("a\nb\\c \"d\"", for: "m", quotes: false) == #"a\nb\\c "d""#)
        #expect(LabelText.help("a \"d\"", for: "m", quotes: true) == #"a \"d\""#)
        #expect(LabelText.help(" \n", for: "m", quotes: false) == "The metric m.")
    }
}

@Suite struct SampleTextTests {
    @Test(
        arguments: [
            (0, "0", "0.0"), (-0.0, "0", "0.0"), (1, "1", "1.0"), (0.005, "0.005", "0.005"), (2.5, "2.5", "2.5"),
            (-10, "-10", "-10.0"), (100_000, "100000", "100000.0"), (1_000_000, "1e+06", "1e+06"),
            (123_456_789, "1.23456789e+08", "1.23456789e+08"), (123_456.5, "123456.5", "123456.5"),
            (0.0001, "0.0001", "0.0001"), (0.000_01, "1e-05", "1e-05"), (1.5e-7, "1.5e-07", "1.5e-07"),
            (.leastNonzeroMagnitude, "5e-324", "5e-324"),
            (1.797_693_134_862_315_7e308, "1.7976931348623157e+308", "1.7976931348623157e+308"),
            (.infinity, "+Inf", "+Inf"), (-.infinity, "-Inf", "-Inf"), (1e21, "1e+21", "1e+21"), (10, "10", "10.0"),
        ] as [(Double, String, String)])
    func `a bound is spelled as Go spells it`(_ value: Double, _ text: String, _ openMetrics: String) {
        #expect(SampleText.bound(value, isOpenMetrics: false) == text)
        #expect(SampleText.bound(value, isOpenMetrics: true) == openMetrics)
    }

    @Test(
        arguments: [
            (0, "0"), (-0.0, "0"), (3, "3"), (-3, "-3"), (0.25, "0.25"), (.nan, "NaN"), (.infinity, "+Inf"),
            (-.infinity, "-Inf"), (1e14, "100000000000000"), (1e300, "1e300"),
        ] as [(Double, String)])
    func `a value is the shortest text that reads back`(_ value: Double, _ text: String) {
        var writer = JSONWriter()
        writer.sample(value)
        #expect(writer.string == text)
    }
}
