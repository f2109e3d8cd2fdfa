import OneLoggerConfig
import OneLoggerCore
import Testing

@Suite struct ScalarTypeTests {
    @Test(arguments: [
        ("", "null"), ("~", "null"), ("null", "null"), ("NULL", "null"),
        ("true", "true"), ("FALSE", "false"), ("tRue", "\"tRue\""),
        ("yes", "\"yes\""), ("no", "\"no\""), ("on", "\"on\""), ("Off", "\"Off\""), ("y", "\"y\""),
        ("0", "0"), ("-0", "0"), ("+7", "7"), ("12", "12"), ("-12", "-12"),
        ("0777", "\"0777\""), ("007", "\"007\""), ("-01", "\"-01\""), ("00.5", "\"00.5\""),
        ("0x1F", "31"), ("0o17", "15"), ("0x", "\"0x\""), ("0xG", "\"0xG\""), ("0o8", "\"0o8\""), ("-0x1", "\"-0x1\""),
        ("1_000", "\"1_000\""), ("1e3", "1000.0"), ("1.5", "1.5"), (".5", "0.5"), ("5.", "5.0"), ("-1.5E-2", "-0.015"),
        ("0.0", "0.0"), ("1e", "\"1e\""), ("1.2.3", "\"1.2.3\""), ("1.10", "1.1"), (".", "\".\""),
        ("inf", "\"inf\""), ("nan", "\"nan\""), ("0b1", "\"0b1\""), ("12:30", "\"12:30\""), ("0x1p3", "\"0x1p3\""),
        ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
        ("2001-01-01", "\"2001-01-01\""), ("\"12\"", "\"12\""), ("'true'", "\"true\""), ("\"\"", "\"\""),
    ])
    func `a value without quotes has the type of YAML 1.2 and none of YAML 1.1`(written: String, meant: String) throws {
        #expect(try parse("a: \(written)").plain == "{a: \(meant)}")
    }

    @Test(arguments: [
        "9223372036854775808", "-9223372036854775809", "0x10000000000000000", "0o7777777777777777777777",
        "123456789012345678901234567890",
    ])
    func `an integer beyond 64 bits is an error, not a number that lost digits`(written: String) {
        let expected = "a.yaml:1:31: error: this integer does not fit into 64 bits. Put it in quotes if it is a text."
        #expect(problems("application: {session_tag:    \(written)}") == expected)
    }

    @Test(arguments: [".inf", "-.inf", "+.INF", ".nan", ".NaN", "1e999", "-1e999"])
    func `a number that is not finite is an error`(written: String) {
        #expect(
            problems("recorder:\n  probe_after_s: \(written)").hasPrefix(
                "a.yaml:2:18: error: this is no finite number."))
    }
}
