internal import OneLoggerCore

/// Everything that a text shows: the latest point of every series, whichever batch brought it.
///
/// What counts stays for as long as the process lives, because what it counted stays true. What tells a state, such as a
/// gauge, goes when collections do not bring it any more. `maxSeries` bounds them all.
struct SeriesTable: Sendable {
    let names: PrometheusExporter.Names
    let constants: [ConstantLabel]
    var resource: Resource
    /// Where the text is served; empty when it is not.
    var address = ""
    private(set) var families: [Family] = []
    private(set) var dataErrors: [TelemetryDataError.Kind: Int] = [:]
    /// False once something was lost, or could not be shown.
    private(set) var isComplete = true
    /// When the text last changed.
    var updated = System.now

    private let maxSeries: Int
    private let keepsExemplars: Bool
    private var seriesCount = 0
    private var collections = Collections()
    /// Which family an instrument belongs to; nil for one that was refused.
    private var sources: [Family.Source: Int?] = [:]
    private var owners: [String: String] = [:]
    private var lastFamily = 0
    private var complaints = Complaints()
    /// The families in the order of their names; made again when there are more of them.
    private var order: [Int] = []

    init(
        names: PrometheusExporter.Names, constants: [ConstantLabel], resource: Resource, maxSeries: Int,
        keepsExemplars: Bool
    ) {
        self.names = names
        self.constants = constants
        self.resource = resource
        self.maxSeries = maxSeries
        self.keepsExemplars = keepsExemplars
        for name in OwnMetrics.claims { owners[name] = "this exporter" }
    }

    /// The families in the order of their names.
    mutating func inOrder() -> [Int] {
        if order.count != families.count {
            order = families.indices.sorted { families[$0].name.base < families[$1].name.base }
        }
        return order
    }

    // MARK: taking

    /// Keeps what a batch brings.
    ///
    /// - Returns: What could not be shown, said once each; nil when there is nothing new to say.
    mutating func take(_ batch: Batch) -> String? {
        resource = batch.resource
        for error in batch.dataErrors { dataErrors[error.kind, default: 0] += 1 }
        if !batch.dataErrors.isEmpty { isComplete = false }
        if let time = batch.metrics.first?.time, collections.note(time) {
            for place in families.indices { seriesCount -= families[place].forget(before: collections.oldest) }
        }
        for point in batch.metrics { take(point) }
        for place in families.indices { families[place].rewind() }
        return complaints.take()
    }

    private mutating func take(_ point: MetricPoint) {
        guard let kind = MetricKind(point.value) else {
            return complain("\(excerpt(point.name)) is of an unknown type")
        }
        guard let problem = Buckets.problem(point.value) else { return take(point, kind) }
        complain("\(excerpt(point.name)) \(problem)")
    }

    private mutating func take(_ point: MetricPoint, _ kind: MetricKind) {
        guard let place = family(point, kind) else { return }
        let outcome = families[place].take(
            point, of: collections.number, constants: constants, keepsExemplars: keepsExemplars,
            hasRoom: seriesCount < maxSeries)
        switch outcome {
        case .updated: break
        case .added: seriesCount += 1
        case .full: complain("there are more than 'max_series' (\(maxSeries)) series; new ones are not shown")
        case .clashes(let labels):
            complain(
                "two series of \(excerpt(point.name)) have the same labels, \(excerpt(labels)); the first is shown. "
                    + "Rename an attribute")
        }
    }

    private mutating func family(_ point: MetricPoint, _ kind: MetricKind) -> Int? {
        if lastFamily < families.count, families[lastFamily].source.matches(point, kind) { return lastFamily }
        let source = Family.Source(point, kind)
        if let known = sources[source] {
            lastFamily = known ?? lastFamily
            return known
        }
        // An instrument without a series needs room, too.
        guard sources.count < maxSeries else {
            complain("there are more than 'max_series' (\(maxSeries)) metrics; new ones are not shown")
            return nil
        }
        let name = FamilyName(point.name, unit: point.unit, kind: kind, names: names)
        let claims = name.claims(kind)
        if let taken = claims.first(where: { owners[$0] != nil }), let owner = owners[taken] {
            sources[source] = .some(nil)
            complain(
                "\(excerpt(point.name)) (\(kind)) would be called '\(taken)', which belongs to \(owner); the first is shown. "
                    + "Rename one of them")
            return nil
        }
        for claim in claims { owners[claim] = "\(excerpt(point.name)) (\(kind))" }
        lastFamily = families.count
        sources[source] = lastFamily
        families.append(Family(source, name, summary: point.summary))
        return lastFamily
    }

    private mutating func complain(_ text: String) {
        isComplete = false
        complaints.add(text)
    }
}

/// Tells which batches bring one collection: it may come in several, each of them with nearly the same time.
///
/// A collection that did not get through as a whole takes nothing away: only what the last two have not brought is gone.
private struct Collections: Sendable {
    /// How many there were.
    private(set) var number = 0
    private var start: Timestamp?

    /// What an earlier one brought last is gone.
    var oldest: Int { number - 2 }

    /// True when a batch of that time begins another collection, also where the clock was put back.
    mutating func note(_ time: Timestamp) -> Bool {
        if let start, time.duration(since: start) < .seconds(5), start.duration(since: time) < .seconds(5) {
            return false
        }
        start = time
        number += 1
        return true
    }
}

/// What must be told, each thing once, and not without end.
private struct Complaints: Sendable {
    private var told: Set<String> = []
    private var fresh: [String] = []
    private static var most: Int { 1000 }

    mutating func add(_ text: String) {
        guard told.count < Self.most, told.insert(text).inserted else { return }
        fresh.append(text)
    }

    mutating func take() -> String? {
        guard let first = fresh.first else { return nil }
        defer { fresh = [] }
        return fresh.count == 1 ? first : "\(first) (and \(fresh.count - 1) more)"
    }
}
