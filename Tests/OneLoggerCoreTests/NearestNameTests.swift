import OneLoggerCore
import Testing

@Suite struct NearestNameTests {
    private let names = ["path", "append", "flush_interval_ms", "type", "jsonl", "console", "otlp"]

    @Test(arguments: [
        ("pth", "path"), ("paths", "path"), ("patj", "path"), ("tpye", "type"), ("TYPE", "type"), ("json", "jsonl"),
        ("flush_interval", "flush_interval_ms"), ("flushIntervalMs", "flush_interval_ms"), ("consoel", "console"),
        ("oltp", "otlp"),
        ("path", "path"),
    ])
    func `a typing mistake finds the name that was meant`(typed: String, meant: String) {
        #expect(nearestName(to: typed, among: names) == meant)
    }

    @Test(arguments: ["", "x", "zzzz", "service_name", "exporters", "漢字"])
    func `a word that is like no other finds nothing`(typed: String) {
        #expect(nearestName(to: typed, among: names) == nil)
    }

    @Test func `short names must have something in common`() {
        #expect(nearestName(to: "b", among: ["a"]) == nil)
        #expect(nearestName(to: "ab", among: ["ac"]) == "ac")
        #expect(nearestName(to: "ab", among: ["cd"]) == nil)
        #expect(nearestName(to: "", among: ["a", ""]) == "")
    }

    @Test func `of equally near names the first wins, and a nearer one always`() {
        #expect(nearestName(to: "cat", among: ["bat", "hat"]) == "bat")
        #expect(nearestName(to: "cat", among: ["bat", "cats", "cat"]) == "cat")
        #expect(nearestName(to: "x", among: []) == nil)
    }

    @Test(.timeLimit(.minutes(15)))
    func `an endless word costs no more than a long one`() {
        let endless = String(repeating: "path", count: 1_000_000)
        #expect(nearestName(to: endless, among: names) == nil)
        #expect(nearestName(to: "path", among: [endless]) == nil)
    }
}
