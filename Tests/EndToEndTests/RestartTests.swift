import OneLoggerCore
import OneLoggerJSONL
import OneLoggerTestSupport
import Testing
import TrainingTelemetry

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// A training that took two processes.
@Suite(.timeLimit(.minutes(15))) struct RestartTests {
    private let folder = TemporaryFolder()

    private func worker(resumedAt start: Int) throws -> ChildProcess {
        let file = folder.write(
            """
            application: {session_tag: run-1}
            exporters: [{type: jsonl, config: {path: FOLDER/job-\(start).jsonl}}]
            """, to: "a.yaml")
        return try ChildProcess("OneLoggerTestWorker", ["training", "\(start)", file])
    }

    @Test func `what a killed job did after the checkpoint from which the next one resumed is lost`() throws {
        // given a job that is killed after ten iterations, and one that resumes from its checkpoint after the eighth
        let first = try worker(resumedAt: 0)
        #expect(first.line() == "ready")
        first.kill(SIGKILL)
        #expect(first.end() == .signal(SIGKILL))
        #expect(try worker(resumedAt: 8).finish().end == .exit(0))

        // when both files are read
        let recordings = try ["job-0.jsonl", "job-8.jsonl"].map { try folder.recording($0, mayBeTorn: true).records }
        let results = Goodput.of(recordings.reversed())

        // then 16 iterations are in checkpoints, two were lost and two are not saved
        let result = try #require(results.first)
        #expect(results.count == 1 && result.sessionTag == "run-1" && result.jobs == 2)
        #expect(result.productiveIterations == 16 && result.productiveSamples == 128)
        #expect(result.lostIterations == 2 && result.unsavedIterations == 2)
        #expect(result.productiveTrainSeconds > 0 && result.lostTrainSeconds > 0 && result.unsavedTrainSeconds > 0)
        let share = try #require(result.share)
        #expect(share > 0 && share < 1)
    }
}
