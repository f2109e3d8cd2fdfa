import OneLoggerConfig
import OneLoggerCore
import Testing

@Suite struct SubstitutionTests {
    private let variables = [
        "PORT": "4317", "NAME": "digits", "EMPTY": "", "YES": "true", "STRUCTURE": "x\nmerge: true\nexporters: []",
        "LIST": "[1, 2]", "DOLLAR": "${NAME}", "OCTAL": "0640", "HUGE": "99999999999999999999", "API_TOKEN": "hunter2",
    ]

    @Test(arguments: [
        ("${PORT}", "4317"), ("\"${PORT}\"", "\"4317\""), ("'${PORT}'", "\"4317\""), ("p${PORT}", "\"p4317\""),
        ("1${PORT}", "14317"), ("${YES}", "true"), ("${EMPTY}", "null"), ("\"${EMPTY}\"", "\"\""),
        ("${OCTAL}", "\"0640\""),
        ("${NAME}-${PORT}", "\"digits-4317\""), ("${NONE:-5}", "5"), ("\"${NONE:-5}\"", "\"5\""), ("${NONE:-}", "null"),
        ("${EMPTY:-x}", "\"x\""), ("${NAME:-x}", "\"digits\""), ("${NONE:-a:-b}", "\"a:-b\""),
        ("$$", "\"$\""), ("$${NAME}", "\"${NAME}\""), ("$$$$", "\"$$\""), ("$NAME", "\"$NAME\""), ("a$", "\"a$\""),
        ("5$", "\"5$\""), ("$$${NAME}", "\"$digits\""), ("${LIST}", "\"[1, 2]\""),
    ])
    func `a variable becomes part of the text, and is typed when it has no quotes`(written: String, meant: String)
        throws
    {
        #expect(try parse("a: \(written)", environment: variables).plain == "{a: \(meant)}")
    }

    @Test func `the value of a variable is never read as structure or as another variable`() throws {
        let root = try parse("a: ${STRUCTURE}\nb: ${DOLLAR}\n", environment: variables)
        #expect(root.plain == "{a: \"x\nmerge: true\nexporters: []\", b: \"${NAME}\"}")
    }

    @Test func `keys and blocks: keys stay as they are, blocks are texts`() throws {
        let root = try parse("\"${NAME}\": 1\nb: |\n  port ${PORT}\n", environment: variables)
        #expect(root.plain == "{${NAME}: 1, b: \"port 4317\n\"}")
    }

    @Test(arguments: [
        ("${NONE}", "environment variable NONE is not set. Set it, or write ${NONE:-DEFAULT}."),
        ("${NAME", "'${' has no '}'. Close it, or write $$ for a '$'."),
        ("${}", "'${' is not followed by the name of a variable. Write ${NAME}, or $$ for a '$'."),
        ("${1A}", "'${' is not followed by the name of a variable. Write ${NAME}, or $$ for a '$'."),
        ("${é}", "'${' is not followed by the name of a variable. Write ${NAME}, or $$ for a '$'."),
        ("${NAME-x}", "'${NAME' is followed by something else. Write ${NAME} or ${NAME:-DEFAULT}."),
        ("${NAME:?x}", "'${NAME' is followed by something else. Write ${NAME} or ${NAME:-DEFAULT}."),
        ("${NONE:-${NAME}}", "a default cannot hold a variable. Write a plain text after ':-'."),
        ("${HUGE}", "this integer does not fit into 64 bits. Put it in quotes if it is a text."),
    ])
    func `a variable that cannot be used is an error at its value, and the only one`(written: String, message: String) {
        let text = "application:\n  rank: '\(written)'\n"
        let plain = written == "${HUGE}" ? "application:\n  rank:  \(written)\n" : text
        #expect(
            problems(plain, environment: variables) == "a.yaml:2:\(written == "${HUGE}" ? 10 : 9): error: \(message)")
    }

    @Test func `all variables that are not set are reported at once`() {
        let text =
            "application: {name: \"${A1}\"}\nexporters:\n  - type: ${A2}\n    config: {path: \"${A3}\", b: \"${A4}\"}\n"
        #expect(problems(text).split(separator: "\n").count == 4)
    }

    @Test func `a value remembers its variables`() throws {
        let root = try parse("a: x${NAME}${PORT}\nb: ${NONE:-1}\nc: $$\n", environment: variables)
        #expect(root["a"]?.variables == ["NAME", "PORT"])
        #expect(root["b"]?.variables == ["NONE"])
        #expect(root["c"]?.variables == [])
    }

    @Test func `what came from a variable with a secret name is not shown in messages`() {
        let message = problems(
            "recorder:\n  verbosity: ${API_TOKEN}\n  announce: ${API_TOKEN}\n", environment: variables)
        #expect(message.split(separator: "\n").count == 2)
        #expect(!message.contains("hunter2"))
        // while others are shown
        #expect(problems("recorder:\n  verbosity: ${NAME}\n", environment: variables).contains("\"digits\""))
    }
}
