public import OneLogger
internal import OneLoggerConsole
internal import OneLoggerJSONL
internal import OneLoggerOTLP
internal import OneLoggerPrometheus
internal import RLMTelemetry
internal import ResourceTelemetry

extension ComponentCatalog {
    /// The exporters and recorder plug-ins that come with OneLogger.
    ///
    /// A program that has its own copies it and adds them:
    ///
    ///     var catalog = ComponentCatalog.builtIn
    ///     catalog.add(MyExporter.self)
    ///     try Recorder.bootstrap(catalog: catalog)
    public static let builtIn = {
        var catalog = ComponentCatalog()
        catalog.add(ConsoleExporter.self)
        catalog.add(JSONLExporter.self)
        catalog.add(OTLPExporter.self)
        catalog.add(PrometheusExporter.self)
        catalog.add(RLMRunSink.self)
        catalog.add(ResourceRecorder.self)
        return catalog
    }()
}
