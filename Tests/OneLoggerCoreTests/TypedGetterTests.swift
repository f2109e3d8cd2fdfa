import OneLoggerCore
import Testing

@Suite struct TypedGetterTests {
    private let attributes: Attributes = [
        "text": "five", "truth": true, "whole": 5, "half": 0.5, "list": .strings(["a"]), "api_token": "s3cret",
    ]

    @Test func `each getter returns a value of its type`() throws {
        #expect(try attributes.string("text") == "five")
        #expect(try attributes.bool("truth") == true)
        #expect(try attributes.int("whole") == 5)
        #expect(try attributes.double("half") == 0.5)
    }

    @Test func `an integer can be read as a double, a double not as an integer`() throws {
        #expect(try attributes.double("whole") == 5.0)
        #expect(throws: TelemetryError.self) { try attributes.int("half") }
    }

    @Test func `an absent name gives nil from every getter`() throws {
        #expect(try attributes.string("none") == nil)
        #expect(try attributes.bool("none") == nil)
        #expect(try attributes.int("none") == nil)
        #expect(try attributes.double("none") == nil)
    }

    @Test func `a truth value is no integer and no double`() {
        #expect(throws: TelemetryError.wrongAttributeType(key: "truth", expected: "int", found: "bool true")) {
            try attributes.int("truth")
        }
        #expect(throws: TelemetryError.wrongAttributeType(key: "truth", expected: "double", found: "bool true")) {
            try attributes.double("truth")
        }
    }

    @Test func `a number is no truth value and no text`() {
        #expect(throws: TelemetryError.wrongAttributeType(key: "whole", expected: "bool", found: "int 5")) {
            try attributes.bool("whole")
        }
        #expect(throws: TelemetryError.wrongAttributeType(key: "half", expected: "string", found: "double 0.5")) {
            try attributes.string("half")
        }
    }

    @Test func `a list is none of the single types`() {
        #expect(
            throws: TelemetryError.wrongAttributeType(key: "list", expected: "string", found: #"list of strings ["a"]"#)
        ) {
            try attributes.string("list")
        }
    }

    @Test func `the message says what was found and what to do`() throws {
        let error = #expect(throws: TelemetryError.self) { try attributes.int("text") }
        #expect(
            error?.description
                == #"attribute 'text': error: expected int, found string "five". Read it with the getter of its type."#)
    }

    @Test func `the message shows neither a secret nor an endless text`() {
        let secret = #expect(throws: TelemetryError.self) { try attributes.int("api_token") }
        #expect(secret?.description.contains("s3cret") == false)
        let long: Attributes = ["x": .string(String(repeating: "y", count: 1_000_000))]
        let error = #expect(throws: TelemetryError.self) { try long.int("x") }
        #expect((error?.description.count ?? .max) < 200)
    }
}
