import OneLoggerCore
import Testing

@Suite struct AttributeValueTests {
    @Test func `literals choose the shape`() {
        let values: [AttributeValue] = ["a", true, 1, 1.5]
        #expect(values == [.string("a"), .bool(true), .int(1), .double(1.5)])
    }

    @Test func `shapes never compare equal across types`() {
        #expect(AttributeValue.int(1) != .double(1))
        #expect(AttributeValue.bool(true) != .int(1))
        #expect(AttributeValue.strings([]) != .ints([]))
        #expect(AttributeValue.string("1") != .int(1))
    }

    @Test(arguments: [
        (AttributeValue.string("a b"), "a b"), (.bool(false), "false"), (.int(-3), "-3"), (.double(0.25), "0.25"),
        (.strings(["a", "b"]), #"["a", "b"]"#), (.bools([true]), "[true]"), (.ints([1, 2]), "[1, 2]"),
        (.doubles([]), "[]"),
    ])
    func `the description reads as a person would write it`(value: AttributeValue, text: String) {
        #expect(value.description == text)
    }

    @Test func `kinds have the names that messages use`() {
        let values: [AttributeValue] = [
            "", false, 0, 0.5, .strings([]), .bools([]), .ints([]), .doubles([]),
        ]
        #expect(
            values.map(\.kind) == [
                "string", "bool", "int", "double", "list of strings", "list of bools", "list of ints",
                "list of doubles",
            ])
    }

    @Test func `a plain literal list holds its pairs as written`() {
        let plain: PlainAttributes = ["a": 1, "b": 0.5, "c": true, "d": "text"]
        #expect(plain.elements.map(\.0.text.description) == ["a", "b", "c", "d"])
        let kinds = plain.elements.map { element in
            switch element.1 {
            case .int(let value): "int \(value)"
            case .double(let value): "double \(value)"
            case .bool(let value): "bool \(value)"
            case .text(let name): "text \(name.text)"
            }
        }
        #expect(kinds == ["int 1", "double 0.5", "bool true", "text text"])
    }
}
