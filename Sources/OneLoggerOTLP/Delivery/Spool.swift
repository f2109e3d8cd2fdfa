internal import OneLoggerCore

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Messages on disk, oldest first, within a bound; what processes that are gone left is taken over.
///
/// A message is written under another name first, so that what has its name is whole. The kernel keeps what was written
/// when the process dies; the machine may die a few seconds after the write without losing it, or earlier with.
struct Spool {
    private struct Entry {
        var name: String
        var bytes: Int
        /// Whether this process wrote it.
        var isOwn: Bool
        var records: Int
    }

    private var folder: SpoolFolder
    private let directory: String
    private let maxBytes: Int
    private var entries: [OTLPSignal: [Entry]] = [:]
    private var bytes = 0
    private var written = 0

    /// Opens a folder below `directory`.
    ///
    /// - Throws: `ExportError` when none can be made there.
    init(_ directory: String, maxBytes: Int) throws(ExportError) {
        self.maxBytes = maxBytes
        self.directory = directory
        switch SpoolFolder.make(in: directory) {
        case .success(let made): folder = made
        case .failure(let error):
            throw .unavailable(destination: directory, errno: error.number, reason: "no spool: \(error.reason)")
        }
        for orphan in SpoolFolder.orphans(in: directory) { takeOver(orphan) }
        for signal in entries.keys { entries[signal]?.sort { $0.name < $1.name } }
    }

    /// Moves the files of a process that is gone; their names begin with the time, so the order is kept.
    private mutating func takeOver(_ orphan: SpoolFolder) {
        for name in orphan.files {
            var status = stat()
            // To read a pipe would wait for ever.
            guard let signal = Self.signal(name), unsafe lstat("\(orphan.path)/\(name)", &status) == 0,
                status.st_mode & S_IFMT == S_IFREG
            else {
                unsafe unlink("\(orphan.path)/\(name)")
                continue
            }
            guard unsafe rename("\(orphan.path)/\(name)", "\(folder.path)/\(name)") == 0
            else { continue }
            entries[signal, default: []].append(Entry(name: name, bytes: Int(status.st_size), isOwn: false, records: 0))
            bytes += Int(status.st_size)
        }
        orphan.leave()
    }

    /// `TIME-PID-NUMBER.KIND`; nil for anything else, such as what was being written when its process died.
    private static func signal(_ name: String) -> OTLPSignal? {
        guard !name.hasPrefix("."), let dot = name.lastIndex(of: ".") else { return nil }
        return OTLPSignal(rawValue: String(name[name.index(after: dot)...]))
    }

    func isEmpty(_ signal: OTLPSignal) -> Bool { entries[signal]?.isEmpty ?? true }

    /// Keeps a message; what has no room, or cannot be written, is lost.
    mutating func add(_ message: OTLPMessage, _ outcome: inout Outcome) {
        let content = SpoolFile.bytes(message)
        makeRoom(for: content.count, &outcome)
        guard content.count <= maxBytes else {
            return outcome.lose(
                message.recordCount, of: message.signal,
                .init("a message is larger than 'spool.max_bytes'", folder.path))
        }
        written += 1
        let name = "\(Self.padded(Self.now, 20))-\(getpid())-\(Self.padded(written, 9)).\(message.signal.rawValue)"
        var error = Files.create(name, in: folder.path, content)
        if error?.number == ENOENT, case .success(let made) = SpoolFolder.make(in: directory) {
            // Somebody has removed the folder, and what was in it.
            folder.leave()
            folder = made
            error = Files.create(name, in: folder.path, content)
        }
        if let error {
            return outcome.lose(
                message.recordCount, of: message.signal,
                .init("the spool cannot be written: \(error.reason)", folder.path, errno: error.number))
        }
        let entry = Entry(name: name, bytes: content.count, isOwn: true, records: message.recordCount)
        entries[message.signal, default: []].append(entry)
        bytes += content.count
        outcome.delivered += 1
    }

    /// The oldest message of a kind, and whether this process recorded it; damaged ones are skipped and counted.
    mutating func first(_ signal: OTLPSignal, _ outcome: inout Outcome) -> (OTLPMessage, isOwn: Bool)? {
        while let entry = entries[signal]?.first {
            if entry.bytes <= maxBytes, case .success(let content) = Files.content("\(folder.path)/\(entry.name)"),
                let message = SpoolFile.message(content),
                message.signal == signal
            {
                return (message, entry.isOwn)
            }
            removeFirst(signal)
            lose(entry, signal, "a file of the spool was damaged and is skipped", &outcome)
        }
        return nil
    }

    mutating func removeFirst(_ signal: OTLPSignal) {
        guard let entry = entries[signal]?.first else { return }
        entries[signal]?.removeFirst()
        bytes -= entry.bytes
        unsafe unlink("\(folder.path)/\(entry.name)")
    }

    /// Drops the oldest messages of all kinds.
    private mutating func makeRoom(for count: Int, _ outcome: inout Outcome) {
        while bytes + count > maxBytes {
            let oldest = entries.compactMap { signal, entries in entries.first.map { (signal, $0) } }
                .min { $0.1.name < $1.1.name }
            guard let (signal, entry) = oldest else { return }
            removeFirst(signal)
            lose(entry, signal, "the spool is full and its oldest messages are dropped", &outcome)
        }
    }

    private func lose(_ entry: Entry, _ signal: OTLPSignal, _ reason: String, _ outcome: inout Outcome) {
        outcome.loseEarlier(entry.records, of: signal, isOwn: entry.isOwn, .init(reason, folder.path))
    }

    /// Lets go of the folder; what is left in it is for the next process.
    func close() { folder.leave() }
}

extension Spool {
    private static var now: Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
