import DigitsNetwork
import OneLogger
import Testing
import TrainingTelemetry

@testable import DigitsTraining

@Suite struct TelemetryShareTests {
    @Test func `a twin that is slower by itself does not count as telemetry`() {
        // given telemetry that costs 1 %, and a second twin that takes half as long again
        var comparison = Comparison()
        for pair in 0..<40 {
            let swapped = pair.isMultiple(of: 2)
            let noise = pair == 7 ? 30.0 : 1
            comparison.add(on: 1.01 * (swapped ? 1.5 : 1) * noise, off: swapped ? 1 : 1.5, swapped: swapped)
        }
        #expect(abs(comparison.share - 0.01) < 1e-12)
        #expect(comparison.uncertainty < 1e-12)
    }

    @Test func `too few pairs are infinitely uncertain, and scattered ones more than equal ones`() {
        var comparison = Comparison()
        comparison.add(on: 1, off: 1, swapped: false)
        #expect(comparison.uncertainty == .infinity)
        for pair in 0..<40 { comparison.add(on: 1 + Double(pair % 5) / 100, off: 1, swapped: pair.isMultiple(of: 2)) }
        #expect((0.001...0.02).contains(comparison.uncertainty))
    }

    @Test func `all spans of an epoch are counted`() throws {
        // given images for seven steps of six spans each
        var options = RecorderOptions()
        options.filter = .training
        let recorder = Recorder(options)
        let telemetry = try TrainingTelemetry(recorder: recorder, config: .digits)
        let training = try Training.small()
        let share = try TelemetryShare(
            of: telemetry, training, effort: .init(pairs: 4, uncertainty: .infinity, limit: .zero))
        try recorder.shutdown()

        // then on top come the epoch, start, end and event of the loop and of its validation, and its only iteration
        #expect(share.pairs == 4)
        #expect((7 * 6 + 8...7 * 6 + 10).contains(share.spans))
        #expect(share.byCounting > 0)
        #expect(share.byComparison > -1)
    }
}
