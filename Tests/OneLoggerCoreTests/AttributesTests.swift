import OneLoggerCore
import OneLoggerTestSupport
import Testing

@Suite struct AttributesTests {
    @Test func `names keep the order in which they were first set`() {
        var attributes: Attributes = ["b": 1, "a": 2]
        attributes["c"] = 3
        attributes["b"] = "again"
        #expect(attributes.map(\.key) == ["b", "a", "c"])
        #expect(attributes["b"] == "again")
        #expect(attributes.count == 3)
    }

    @Test func `a literal with a name twice keeps the first place and the last value`() {
        let attributes: Attributes = ["a": 1, "b": 2, "a": 3]
        #expect(attributes.map(\.key) == ["a", "b"])
        #expect(attributes["a"] == 3)
        #expect(Attributes([(key: "x", value: 1), (key: "x", value: 2)]) == ["x": 2])
    }

    @Test func `the other side wins a merge, and neither input changes`() {
        let left: Attributes = ["a": 1, "b": 2], right: Attributes = ["b": 3, "c": 4]
        let merged = left.merging(right)
        #expect(merged == ["a": 1, "b": 3, "c": 4])
        #expect(merged.map(\.key) == ["a", "b", "c"])
        #expect(left == ["a": 1, "b": 2])
        #expect(right == ["b": 3, "c": 4])
        #expect(left.merging([:]) == left)
        #expect(Attributes().merging(right) == right)
    }

    @Test func `an empty name is a name like any other`() {
        var attributes: Attributes = ["": 1]
        #expect(attributes[""] == 1)
        attributes[""] = nil
        #expect(attributes.isEmpty)
    }

    @Test func `removing an absent name changes nothing`() {
        var attributes: Attributes = ["a": 1]
        attributes["b"] = nil
        #expect(attributes == ["a": 1])
    }

    /// 15 to 18 lie around the size at which names are looked up by an index.
    @Test(arguments: [1, 2, 15, 16, 17, 18, 40])
    func `after each removal every other name is still found in its order`(count: Int) {
        for removed in 0..<count {
            var attributes = Attributes((0..<count).map { (key: "k\($0)", value: .int($0)) })
            attributes["k\(removed)"] = nil
            let rest = (0..<count).filter { $0 != removed }
            #expect(attributes["k\(removed)"] == nil)
            #expect(attributes.map(\.key) == rest.map { "k\($0)" })
            for number in rest { #expect(attributes["k\(number)"] == .int(number)) }

            attributes["k\(removed)"] = "back"
            #expect(attributes.last?.key == "k\(removed)")
            #expect(attributes["k\(removed)"] == "back")
            #expect(attributes.count == count)
        }
    }

    @Test func `random changes agree with a list that is searched from its beginning`() {
        var random = SeededRandom(seed: 7)
        var attributes = Attributes()
        var model: [(key: String, value: AttributeValue)] = []
        for step in 0..<4_000 {
            let key = "k\(Int.random(in: 0..<24, using: &random))", place = model.firstIndex { $0.key == key }
            if Int.random(in: 0..<5, using: &random) < 2 {
                attributes[key] = nil
                if let place { model.remove(at: place) }
            } else {
                attributes[key] = .int(step)
                if let place { model[place].value = .int(step) } else { model.append((key, .int(step))) }
            }
            #expect(attributes[key] == model.first { $0.key == key }?.value)
            guard step % 50 == 0 else { continue }
            #expect(attributes.map(\.key) == model.map(\.key))
            #expect(attributes.map(\.value) == model.map(\.value))
        }
    }

    /// Quadratic work would be 10^9 steps here, which takes minutes without optimisation.
    @Test(.timeLimit(.minutes(15)))
    func `forty thousand names are set, read, merged, compared and removed without quadratic work`() {
        var attributes = Attributes()
        for number in 0..<40_000 { attributes["name.\(number)"] = .int(number) }
        for number in 0..<40_000 { #expect(attributes["name.\(number)"] == .int(number)) }
        #expect(attributes.merging(attributes) == attributes)
        #expect(Attributes(attributes.reversed()) == attributes)
        for number in (0..<40_000).reversed() { attributes["name.\(number)"] = nil }
        #expect(attributes.isEmpty)
    }

    @Test func `equality and hash ignore the order`() {
        let pairs = (0..<30).map { (key: "k\($0)", value: AttributeValue.int($0)) }
        let left = Attributes(pairs), right = Attributes(pairs.reversed())
        #expect(left == right)
        #expect(left.hashValue == right.hashValue)
        #expect(Set([left, right]).count == 1)
    }

    @Test func `another value, another name or one name more makes another collection`() {
        let attributes: Attributes = ["a": 1, "b": 2]
        #expect(attributes != ["a": 1, "b": 3])
        #expect(attributes != ["a": 1, "c": 2])
        #expect(attributes != ["a": 1])
        #expect(attributes != ["a": 1, "b": 2, "c": 3])
        #expect(attributes != ["a": 1.0, "b": 2], "an integer is not a number with a fraction")
    }

    @Test func `a copy does not see later changes`() {
        let before: Attributes = ["a": 1]
        var after = before
        after["a"] = 2
        after["b"] = 3
        #expect(before == ["a": 1])
    }

    @Test func `the description shows names and values in order`() {
        let attributes: Attributes = ["step": 3, "loss": 0.5, "name": "x y", "ok": true]
        #expect(attributes.description == "step=3 loss=0.5 name=x y ok=true")
        #expect(Attributes().description.isEmpty)
    }
}
