import Foundation
import OneLogger
import OneLoggerTestSupport
import OneLoggerTesting
import Testing

@testable import TrainingTelemetry

/// The tables of names in the guide, beside what a job that does everything records.
@Suite struct NamesTests {
    /// The table's cells, and in each what stands in quotes.
    private func table(_ heading: String) throws -> [[[String]]] {
        let guide = try String(contentsOfFile: "\(packageFolder)/Docs/training.md", encoding: .utf8)
        let lines = guide.split(separator: "\n", omittingEmptySubsequences: false)
        let first = try #require(lines.firstIndex { $0 == heading }) + 2
        return lines[first...].prefix { $0.hasPrefix("|") }.map { line in
            line.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map { cell in
                cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
                    .filter { $0.offset % 2 == 1 }.map { String($0.element) }
            }
        }
    }

    @Test func `the guide has a row for every span, with the attributes that it has`() throws {
        let rows = try table("| span | closure | callbacks | attributes |"), recorded = try Everything.recorded().spans
        #expect(rows.map { $0[0] } == TrainingSpan.allCases.map { [$0.text] })
        #expect(Set(recorded.keys) == Set(TrainingSpan.allCases.map(\.text)))
        for row in rows { #expect(Set(row[3]) == recorded[row[0][0]], "\(row[0])") }
    }

    @Test func `the guide has a row for every event, with the attributes that it has`() throws {
        let rows = try table("| event | attributes |"), recorded = try Everything.recorded().events
        #expect(Set(rows.flatMap { $0[0] }) == Set(recorded.keys) && rows.count == 7)
        for row in rows { #expect(Set(row[1]) == recorded[row[0][0]], "\(row[0])") }
        #expect(Set(try table("| event | on | when | says |").flatMap { $0[0] }) == Set(recorded.keys))
    }

    @Test func `each callback of the guide is one, and begins or ends the span beside it`() throws {
        let callbacks = Dictionary(
            uniqueKeysWithValues: (MisuseTests.starts + MisuseTests.ends).map { ($0.name, $0.span) })
        let rows = try table("| span | closure | callbacks | attributes |")
        for row in rows {
            #expect(row[2].count == 2)
            for name in row[2] {
                // Which of the two saves it is, the configuration says.
                let span = row[0][0].hasPrefix("checkpoint_save_s") ? "checkpoint_save_async" : row[0][0]
                let found = callbacks[name] == "checkpoint_save_sync" ? "checkpoint_save_async" : callbacks[name]
                #expect(found == span, "\(name)")
            }
        }
        #expect(Set(rows.flatMap { $0[2] }) == Set(callbacks.keys))
    }

    @Test func `standard spans announce themselves, also where nothing else does`() throws {
        var options = RecorderOptions()
        options.announce = .nothing
        options.filter = .training
        let recorder = ManualClock(options).recorder
        let training = try TrainingTelemetry(recorder: recorder, config: .small)
        training.application {
            training.loop { loop in
                loop.iteration { _ in }
                loop.saveCheckpoint(step: 1) { _ in }
            }
        }
        let records = recorder.takeRecords()
        #expect(records.spans(ofEvent: "save_checkpoint_success") == ["checkpoint_save_sync"])
        #expect(records.spans(ofEvent: "training_metrics_update") == ["training_loop"])
        let isComplete = records.contains { if case .span = $0 { true } else { false } }
        #expect(!isComplete)
    }
}
