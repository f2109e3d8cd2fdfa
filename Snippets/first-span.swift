import OneLogger
import OneLoggerJSONL

let recorder = Recorder(exporters: [
    ExporterSlot(try JSONLExporter(.init(path: "out/first-span.jsonl")), name: "jsonl")
])
try Recorder.install(recorder)

let loss = timedSpan("train.step", attributes: ["batch": 32]) { span in
    let loss = 0.25  // your work
    span["loss"] = loss
    return loss
}
print("loss \(loss), written to out/first-span.jsonl")

try recorder.shutdown()
