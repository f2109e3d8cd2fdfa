/// What the lines of one metric are called.
struct FamilyName: Hashable {
    /// The name behind `# TYPE` in OpenMetrics.
    let base: String
    /// The name of its samples, without what histograms add.
    let sample: String
    /// The unit at the end of `base`; empty when there is none.
    let unit: String

    /// - Parameters:
    ///   - name: The instrument's name.
    ///   - unit: Its unit by UCUM.
    ///   - kind: What it is.
    ///   - names: How it is spelled.
    init(_ name: String, unit: String, kind: MetricKind, names: PrometheusExporter.Names) {
        guard names == .prometheus else {
            base = NameText.metric(name, collapsing: false)
            sample = base
            self.unit = ""
            return
        }
        let isCounter = kind == .counter
        var base = NameText.metric(name, collapsing: true)
        if isCounter, base.hasSuffix("_total"), base.utf8.count > 6 { base.removeLast(6) }
        let suffix = Self.isUtilization(base) ? "" : UnitName.suffix(unit, isGauge: kind == .gauge)
        if !suffix.isEmpty, !Self.holds(base, suffix) { base = Self.join(base, suffix) }
        self.base = base
        self.unit = !suffix.isEmpty && base.hasSuffix("_\(suffix)") ? suffix : ""
        sample = isCounter ? Self.join(base, "total") : base
    }

    /// A share of a node has the name under which dashboards know it.
    private static func isUtilization(_ name: String) -> Bool {
        name.hasPrefix("node_") && name.hasSuffix("_utilization")
    }

    /// Whether a unit stands in the name already, as whole words.
    private static func holds(_ name: String, _ unit: String) -> Bool {
        name == unit || name.hasPrefix("\(unit)_") || name.hasSuffix("_\(unit)")
            || !unit.utf8.contains(95) && name.split(separator: "_").contains(Substring(unit))
    }

    private static func join(_ name: String, _ suffix: String) -> String {
        name.hasSuffix("_") ? name + suffix : "\(name)_\(suffix)"
    }

    /// Every name that no other metric may have, in either format.
    func claims(_ kind: MetricKind) -> [String] {
        switch kind {
        case .counter: sample == base ? [base] : [base, "\(base)_total", "\(base)_created"]
        case .upDownCounter, .gauge: [base]
        case .histogram: [base] + ["_bucket", "_sum", "_count", "_created"].map { base + $0 }
        }
    }
}
