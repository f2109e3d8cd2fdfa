package import OneLogger
package import OneLoggerConfig

extension RecorderOptions {
    /// What the sections say.
    package init(_ section: RecorderSection, _ application: ApplicationSection) {
        self.init()
        isEnabled = application.isEnabled
        onError = section.onError(isEnabled: isEnabled) == .propagate ? .propagate : .disableQuietly
        switch section.whenFull {
        case .block: whenFull = .block(upTo: section.blockLimit)
        case .dropNewest: whenFull = .dropNewest
        case .overwriteOldest: whenFull = .overwriteOldest
        }
        switch section.sampling {
        case .all: sampling = .all
        case .ratio(let ratio): sampling = .ratio(ratio)
        case .parentBased(let ratio): sampling = .parentBased(ratio: ratio)
        }
        switch section.filter {
        case .all: filter = .all
        case .include(let names): filter = .include(Set(names))
        case .exclude(let names): filter = .exclude(Set(names))
        case .summarise(let names): filter = .summarise(Set(names))
        }
        switch section.announce {
        case .nothing: announce = .nothing
        case .roots: announce = .roots
        case .all: announce = .all
        }
        poolBytes = section.poolBytes
        flushInterval = section.flushInterval
        verbosity = section.verbosity ?? .max
        disableAfter = section.disableAfter
        probeAfter = section.probeAfter
        shutdownTimeout = section.shutdownTimeout
        metricsInterval = section.metricsInterval
        timeTolerance = section.timeTolerance
        switch section.metrics.spans {
        case .all: metrics.spans = .all
        case .none: metrics.spans = .none
        case .only(let names): metrics.spans = .only(Set(names))
        }
        metrics.process = section.metrics.process
        metrics.health = section.metrics.health
        metrics.exemplars = section.metrics.exemplars
        metrics.seriesLimit = section.metrics.seriesLimit
    }
}

extension Resource {
    /// What the section says; the recorder adds the host and the process id.
    package init(_ section: ApplicationSection) {
        var metadata = section.customMetadata
        metadata["is_baseline_run"] = .bool(section.isBaselineRun)
        metadata["summary_data_schema_version"] = .string(section.summaryDataSchemaVersion)
        self.init(
            serviceName: section.name ?? Self.programName, rank: section.rank, localRank: section.localRank,
            worldSize: section.worldSize, sessionTag: section.sessionTag ?? "", customMetadata: metadata)
    }

    private static var programName: String {
        let name = CommandLine.arguments.first?.split(separator: "/").last.map(String.init)
        return name ?? "unknown_service"
    }
}

extension ApplicationSection {
    /// Why this process does not record.
    var silence: String {
        let ranks: [Int] = if case .only(let ranks) = enabledRanks { ranks } else { [] }
        let process = rank.map { "rank \($0)" } ?? "this process, which counts as rank 0,"
        return "\(process) does not record, because enable_for_ranks is \(ranks)"
    }
}
