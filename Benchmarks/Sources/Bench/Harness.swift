import CBench
import Dispatch

/// What is timed: one call that the optimiser cannot see through.
@inline(never) func work(_ i: Int) { cb_sink(UInt64(i)) }

/// Runs a case in one of three ways, chosen by how the program was started, and prints one line for `bench.py`:
/// nanoseconds by default, allocations under LD_PRELOAD=libcount.so, instructions under callgrind.
struct Harness {
    let filter = CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : ""

    func wants(_ name: String) -> Bool { filter.isEmpty || filter == name }

    /// Runs one case.
    ///
    /// - Parameters:
    ///   - name: What the report calls it.
    ///   - per: Operations in one turn of the loop.
    ///   - burst: Turns between two readings of the clock.
    ///   - bursts: How often that is done when time is measured.
    ///   - between: What is not timed, such as draining.
    ///   - body: `burst` turns.
    func run(
        _ name: String, per: Int = 1, burst: Int = 512, bursts: Int = 2000, between: () -> Void = {},
        _ body: (Int) -> Void
    ) {
        guard wants(name) else { return }
        let operations = burst * per
        body(burst)
        between()
        if cb_valgrind() != 0 {
            // A thread's first turns fill caches of the runtime, so the least of a few counts.
            for _ in 0..<Self.windows {
                cb_zero()
                body(burst)
                "\(name)#\(operations)".withCString { cb_dump($0) }
                between()
            }
        } else if cb_counting() != 0 {
            // The library's own threads allocate now and then, so the least of a few counts, too.
            var count = UInt64.max
            for _ in 0..<Self.windows {
                let before = cb_allocs()
                body(burst)
                // Read before the text is made, which allocates.
                count = min(count, cb_allocs() - before)
                between()
            }
            print("allocations\t\(name)\t\(Double(count) / Double(operations))")
        } else {
            var times: [Double] = []
            for _ in 0..<bursts {
                let start = cb_mono()
                body(burst)
                times.append(Double(cb_mono() - start) / Double(operations))
                between()
            }
            report(name, times)
        }
        between()
    }

    /// How often instructions and allocations are counted.
    private static let windows = 5

    func report(_ name: String, _ times: [Double]) {
        let sorted = times.sorted()
        print("time\t\(name)\t\(sorted[sorted.count / 2])\t\(sorted[sorted.count / 100])")
    }
}
