import OneLogger

// What `bootstrap` does with the `exporters:` and `recorders:` of a file, by hand.
var catalog = ComponentCatalog()
catalog.add(CountingExporter.self)
catalog.add(Countdown.self)
print("exporters: \(catalog.exporterNames), plug-ins: \(catalog.pluginNames)")

var mistaken = Settings(["minimum": 0, "prefx": "- "])
do {
    _ = try catalog.exporter("counting", named: "counting", &mistaken)
} catch {
    for problem in error.all { print(problem) }
}

var exporterSettings = Settings(["prefix": "- "])
let recorder = Recorder(exporters: [try catalog.exporter("counting", named: "counting", &exporterSettings)])

var pluginSettings = Settings(["from": 5])
recorder.add(try catalog.plugin("countdown", &pluginSettings, recorder))
print("plug-ins that run: \(recorder.health.plugins.filter { $0.error == nil }.map(\.name))")

try recorder.shutdown()
