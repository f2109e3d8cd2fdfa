internal import COneLogger
internal import OneLoggerCore

/// What the exporter's own thread does.
extension ExporterSlot {
    func run<E: Exporter & ~Copyable>(_ exporter: inout E) {
        while true {
            switch next() {
            case .batch(let item, let batch, let tells):
                let began = ol_monotonic()
                do throws(ExportError) {
                    try exporter.export(batch)
                    succeeded(item, tells, began)
                } catch {
                    if case .partial(_, let lost, _) = error {
                        succeeded(item, tells, began, losing: lost, error)
                    } else {
                        failed(item, error, began)
                    }
                }
            case .flush(let request):
                do throws(ExportError) { try exporter.flush() } catch { note(error) }
                monitor.withLock {
                    unsafe flushDone = request
                    monitor.signal()
                }
            case .stop:
                return
            }
        }
    }

    private enum Step {
        /// What waited, what to export, and whether that tells of the open incident.
        case batch(Item, Batch, Bool)
        case flush(Int)
        case stop
    }

    private func next() -> Step {
        monitor.lock()
        defer { monitor.unlock() }
        while true {
            if unsafe isForking { park(until: ol_monotonic() + 1_000_000_000) }
            if unsafe isAbandoned { return .stop }
            if unsafe flushDone < flushRequested, unsafe finished >= flushTicket {
                return .flush(unsafe flushRequested)
            }
            if unsafe head < inbox.count, let item = takeFirst() {
                let now = ol_monotonic()
                if unsafe health.state == .disabled, unsafe now < probeAt, unsafe !isClosing {
                    lose(item.batch.count, \.lostToFailure, "disabled after repeated failures")
                    unsafe finished = item.ticket
                    monitor.signal()
                    continue
                }
                unsafe busyRecords = item.batch.count
                return .batch(item, prepared(item.batch), unsafe incident != nil)
            }
            if unsafe isClosing { return .stop }
            park(until: ol_monotonic() + 3_600_000_000_000)
        }
    }

    /// Waits, and says to a thread that is about to fork that nothing is held here.
    private func park(until deadline: UInt64) {
        unsafe isParked = true
        if unsafe isForking { monitor.signal() }
        _ = monitor.wait(until: deadline)
        unsafe isParked = false
    }

    private func takeFirst() -> Item? {
        let item = unsafe inbox[head].take()
        unsafe head += 1
        if let item { unsafe inboxBytes -= item.batch.byteCount }
        if unsafe head == inbox.count || head >= 1024 {
            unsafe inbox.removeFirst(head)
            unsafe head = 0
        }
        monitor.signal()
        return item
    }

    /// The batch with what the backend must be told, in words that fit what it has got so far.
    private func prepared(_ batch: Batch) -> Batch {
        guard unsafe incident != nil || !batch.dataErrors.isEmpty else { return batch }
        let kind = unsafe health.exported > 0 ? TelemetryDataError.Kind.incompleteTelemetryData : .noTelemetryData
        var errors = batch.dataErrors
        for place in errors.indices { errors[place].kind = kind }
        if let incident = unsafe incident {
            errors.insert(
                TelemetryDataError(
                    kind, incident.message, firstTime: incident.first, time: incident.last, lostRecords: incident.lost,
                    attributes: ["exporter": .string(name)]), at: 0)
        }
        return batch.with(metrics: batch.metrics, dataErrors: errors)
    }

    /// `losses` counts records that are lost although the batch got through, and `error` is what the exporter said.
    private func succeeded(
        _ item: Item, _ told: Bool, _ began: UInt64, losing losses: Int = 0, _ error: ExportError? = nil
    ) {
        let lines: [String] = monitor.withLock { () -> [String] in
            unsafe busyRecords = 0
            unsafe isStalled = false
            unsafe finished = item.ticket
            measure(since: began)
            defer { monitor.signal() }
            guard unsafe !isAbandoned else { return [] }
            unsafe health.exported += item.batch.count
            unsafe health.consecutiveFailures = 0
            unsafe health.state = .healthy
            unsafe rest = 0
            let lost = unsafe incident?.lost ?? 0
            if told { unsafe incident = nil }
            var lines: [String] = []
            if unsafe hasSaidBroken {
                unsafe hasSaidBroken = false
                lines.append("exporter '\(name)' works again; \(lost) records were lost")
            }
            if let error, let line = losesSome(losses, error) { lines.append(line) }
            return lines
        }
        lines.forEach(Diagnostics.line)
    }

    /// Counts what is lost of a batch that counts as exported; a line when there is something new to say.
    private func losesSome(_ count: Int, _ error: ExportError) -> String? {
        let lost = max(0, unsafe min(count, health.exported))
        unsafe health.exported -= lost
        if lost > 0 { lose(lost, \.lostToFailure, "\(error)") }
        let isNew = unsafe !error.saysTheSame(as: health.lastError)
        unsafe health.lastError = error
        let now = ol_monotonic()
        guard isNew, unsafe now >= quietAboutLossesUntil else { return nil }
        unsafe quietAboutLossesUntil = now + 60_000_000_000
        return "exporter '\(name)' loses records: \(error)"
    }

    private func failed(_ item: Item, _ error: ExportError, _ began: UInt64) {
        let line: String? = monitor.withLock {
            unsafe busyRecords = 0
            unsafe isStalled = false
            unsafe finished = item.ticket
            measure(since: began)
            defer { monitor.signal() }
            guard unsafe !isAbandoned else { return nil }
            lose(item.batch.count, \.lostToFailure, "export failed: \(error)")
            unsafe health.failures += 1
            unsafe health.consecutiveFailures += 1
            let isFirst = unsafe health.state == .healthy
            unsafe health.lastError = error
            unsafe health.state = .failing
            if unsafe health.consecutiveFailures >= policy.disableAfter {
                unsafe health.state = .disabled
                unsafe rest = rest == 0 ? policy.probeAfter : min(rest * 2, 60_000_000_000)
                unsafe probeAt = ol_monotonic() + rest
            }
            return isFirst ? broken(error) : nil
        }
        if let line { Diagnostics.line(line) }
    }

    /// One line when an exporter breaks, and at most one such pair a minute.
    private func broken(_ error: ExportError) -> String? {
        let now = ol_monotonic()
        guard unsafe now >= quietUntil else { return nil }
        unsafe quietUntil = now + 60_000_000_000
        unsafe hasSaidBroken = true
        return "exporter '\(name)' fails: \(error) Records are lost for it until it works again."
    }

    func lose(_ count: Int, _ reason: WritableKeyPath<ExporterHealth, Int>, _ message: String) {
        unsafe health[keyPath: reason] += count
        let now = Timestamp(nanoseconds: ol_realtime())
        if unsafe incident == nil {
            unsafe incident = Incident(message: message, first: now, last: now, lost: 0)
        }
        unsafe incident?.last = now
        unsafe incident?.lost += count
    }

    func openingFailed(_ error: ExportError) {
        let line: String? = monitor.withLock {
            unsafe health.lastError = error
            unsafe health.state = .failing
            return broken(error)
        }
        if let line { Diagnostics.line(line) }
    }

    /// What a flush or the close says went wrong.
    private func note(_ error: ExportError) {
        let line: String? = monitor.withLock {
            if unsafe !isAbandoned, case .partial(_, let lost, _) = error { return losesSome(lost, error) }
            unsafe health.lastError = error
            return nil
        }
        if let line { Diagnostics.line(line) }
    }

    func closingFailed(_ error: ExportError) {
        note(error)
        monitor.withLock { unsafe health.failures += 1 }
    }
}

extension ExportError {
    /// True for losses with the same cause, whatever their number.
    fileprivate func saysTheSame(as other: ExportError?) -> Bool {
        guard case .partial(let destination, _, let reason) = self,
            case .partial(destination, _, reason) = other
        else { return self == other }
        return true
    }
}
