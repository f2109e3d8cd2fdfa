import OneLogger

// The output must not depend on the machine: spans that take longer than a tenth of a second would say that they began, and
// the recorder and the process would measure themselves.
var options = RecorderOptions()
options.announce = .nothing
options.metrics.spans = .none
options.metrics.health = false
options.metrics.process = false
let recorder = Recorder(options, exporters: [ExporterSlot(PrintingExporter())])
try Recorder.install(recorder)

let total = timedSpan("job", attributes: ["inputs": 3]) { job in
    var total = 0
    for input in 1...3 {
        timedSpan("job.step") { step in
            total += input
            step["input"] = input
        }
    }
    job["total"] = total
    return total
}

let report = try recorder.shutdown()
print("computed \(total); delivered \(report.exported) records, lost \(report.lost)")
