import OneLogger

// Spans that take longer than a tenth of a second say that they began; here the output must not depend on the machine.
var options = RecorderOptions()
options.announce = .nothing
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
