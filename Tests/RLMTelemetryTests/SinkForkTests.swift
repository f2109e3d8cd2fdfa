import OneLogger
import OneLoggerTestSupport
import RLMTelemetry
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// The thread that writes the lines is its process's.
@Suite struct SinkForkTests {
    @Test func `a forked child does not wait for lines that only its parent writes`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            let folder = TemporaryFolder()
            let sink = LocalJSONLSink(directory: folder("observability"))
            sink.runStarted(RLMRunStart("run_1", task: "add 1 and 1", environment: "dspy"))
            let child = patientFork()
            if child == 0 {
                // Its alarm is earlier.
                _exit(sink.flush(timeout: .patience * 2) ? 2 : 0)
            }
            var status: Int32 = 0
            guard unsafe waitpid(child, &status, 0) == child, status == 0 else { exit(3) }
            sink.runEnded("run_1", RLMRunEnd(isCompleted: true))
            exit(sink.shutdown(timeout: .patience) && !folder.text("observability/runs.jsonl").isEmpty ? 0 : 4)
        }
    }
}
