import OneLoggerCore
import Testing

@testable import OneLogger

@Suite struct OpenRootsTests {
    private func context(_ id: Int) -> SpanContext {
        SpanContext(traceID: TraceID(high: 1, low: 1), spanID: SpanID(UInt64(id)))
    }

    @Test func `the oldest root that is open is known, in whatever order they end`() {
        var roots = OpenRoots(), open: Set<UInt64> = []
        func begin(_ id: Int) {
            open.insert(UInt64(id))
            let open = open
            roots.add(context(id)) { open.contains($0) }
        }
        func end(_ id: Int) {
            open.remove(UInt64(id))
            let open = open
            roots.close(UInt64(id)) { open.contains($0) }
        }
        #expect(roots.oldest == nil)
        for id in 1...4 { begin(id) }
        end(2)
        #expect(roots.oldest?.spanID.value == 1)
        end(1)
        #expect(roots.oldest?.spanID.value == 3)
        end(4)
        end(3)
        #expect(roots.oldest == nil)
        begin(5)
        #expect(roots.oldest?.spanID.value == 5)
        // One stays open while thousands come and go.
        for id in 6...5_000 {
            begin(id)
            end(id)
        }
        #expect(roots.oldest?.spanID.value == 5)
        end(5)
        #expect(roots.oldest == nil)
    }
}
