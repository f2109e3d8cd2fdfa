import OneLoggerConsole
import Testing

@Suite struct InsertionOrderTests {
    @Test func `the oldest goes first, and a key that came again is young`() {
        var map = InsertionOrder<String, Int>()
        map["a"] = 1
        map["b"] = 2
        map["c"] = 3
        map["a"] = 10
        #expect(map.oldest == "a" && map["a"] == 10, "a new value keeps the age")
        _ = map.remove("a")
        map["a"] = 4
        #expect(map.entries.map(\.key) == ["b", "c", "a"])
        map.trim(to: 1)
        #expect(map.entries.map(\.key) == ["a"] && map["a"] == 4)
    }

    @Test func `many insertions and removals leave what is present`() {
        var map = InsertionOrder<Int, Int>()
        for i in 0..<10_000 {
            map[i] = i
            if i >= 10 { _ = map.remove(i - 10) }
        }
        #expect(map.entries.map(\.key) == Array(9990..<10_000) && map.oldest == 9990)
    }
}
