import OneLoggerCore
import Testing

@Suite struct SettingsNodeTests {
    @Test func `literals make every shape`() {
        let node: SettingsNode = ["a": nil, "b": true, "c": 1, "d": 0.5, "e": "x", "f": [1, "y"], "g": ["h": 2]]
        #expect(node["a"]?.content == .null)
        #expect(node["b"]?.content == .bool(true))
        #expect(node["c"]?.content == .int(1))
        #expect(node["d"]?.content == .double(0.5))
        #expect(node["e"]?.content == .string("x"))
        #expect(node["f"]?.content == .list([1, "y"]))
        #expect(node["g"]?["h"]?.content == .int(2))
    }

    @Test func `a key that stands twice in a literal has its last value`() {
        let node: SettingsNode = ["a": 1, "b": 2, "a": 3]
        #expect(node["a"]?.content == .int(3))
        guard case .map(let entries) = node.content else {
            Issue.record("not a map")
            return
        }
        #expect(entries.count == 2)
    }

    @Test func `what is no map has no keys`() {
        #expect((["a"] as SettingsNode)["a"] == nil)
        #expect(("a" as SettingsNode)["a"] == nil)
        #expect(([:] as SettingsNode)["a"] == nil)
    }

    @Test func `a literal's keys say where they stand`() {
        guard case .map(let entries) = (["a": 1] as SettingsNode).content else {
            Issue.record("not a map")
            return
        }
        #expect(entries.map(\.origin) == [.code("a")])
    }

    @Test(
        arguments: [
            (.null, "nothing"), (.bool(true), "the boolean true"), (.int(3), "the integer 3"),
            (.double(0.5), "the number 0.5"),
            (.string("a \"b\""), #"the text "a "b"""#), (.list([]), "a list"), (.map([]), "a map"),
        ] as [(SettingsNode.Content, String)])
    func `messages name a value by its shape`(content: SettingsNode.Content, name: String) {
        #expect(SettingsNode(content).kindName == name)
    }
}
