package import OneLoggerCore
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Writes whole lines to an open file, without ever waiting for longer than its patience or dying of a closed pipe.
///
/// A run of lines is one `write`, except into a pipe: there it is cut at line ends into pieces that the kernel writes
/// atomically (PIPE_BUF), so that lines of several processes that share a pipe do not mix either.
package struct StreamWriter: Sendable {
    private let descriptor: Int32
    private let name: String
    private let patience: Duration
    /// The most bytes for one `write`.
    private let piece: Int
    /// Tells files apart, whatever number they are open under.
    private let file: UInt64
    /// True when the last `write` ended within a line.
    private var isWithinLine = false

    package init(descriptor: Int32, name: String, patience: Duration = .seconds(5)) {
        self.descriptor = descriptor
        self.name = name
        self.patience = patience
        var status = stat()
        let isKnown = unsafe fstat(descriptor, &status) == 0
        piece = isKnown && status.st_mode & S_IFMT == S_IFIFO ? Int(PIPE_BUF) : .max
        file = isKnown ? UInt64(truncatingIfNeeded: status.st_ino) : 0
    }

    /// Writes all of `text`, which ends with a line end.
    ///
    /// - Throws: `ExportError.unavailable` when the reader is gone, or takes nothing for as
    ///   long as the patience lasts. What was not written is lost; the next call begins a new line.
    package mutating func write(_ text: String) throws(ExportError) {
        guard !text.isEmpty else { return }
        var text = isWithinLine ? "\n" + text : text
        let turn = try Turn(file, name, patience)
        let mask = BrokenPipeSignal()
        var result: Result<Void, ExportError> = .success(())
        text.withUTF8 { bytes in
            let span = unsafe Span(_unsafeElements: bytes)
            do throws(ExportError) { try write(span) } catch { result = .failure(error) }
        }
        mask.restore()
        turn.end()
        try result.get()
    }

    private mutating func write(_ bytes: borrowing Span<UInt8>) throws(ExportError) {
        var done = 0, deadline = ContinuousClock.now + patience
        while done < bytes.count {
            try wait(until: deadline)
            let end = pieceEnd(bytes, from: done)
            let written = unsafe bytes.extracting(done..<end).withUnsafeBufferPointer { buffer in
                unsafe systemWrite(descriptor, buffer.baseAddress, buffer.count)
            }
            if written > 0 {
                done += written
                isWithinLine = bytes[done - 1] != 0x0a
                deadline = ContinuousClock.now + patience
                continue
            }
            let code = errno
            guard written == 0 || code == EINTR || code == EAGAIN || code == EWOULDBLOCK else {
                throw failure(code, code == EPIPE ? "the reader is gone" : "cannot write")
            }
            guard ContinuousClock.now < deadline else { throw failure(EAGAIN, "takes no output") }
        }
    }

    /// Where the next `write` ends: behind the last line end that fits.
    private func pieceEnd(_ bytes: borrowing Span<UInt8>, from start: Int) -> Int {
        guard bytes.count - start > piece else { return bytes.count }
        var end = start + piece
        while end > start, bytes[end - 1] != 0x0a { end -= 1 }
        return end > start ? end : start + piece
    }

    /// Waits until the file takes output, or has something to say about why it does not.
    private func wait(until deadline: ContinuousClock.Instant) throws(ExportError) {
        while true {
            // Asked once at least: a thread that was not run for a while must not give up unheard.
            let left = max(0, (deadline - ContinuousClock.now) / .milliseconds(1))
            var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            let ready = unsafe poll(&request, 1, Int32(clamping: Int(left.rounded(.up))))
            if ready > 0 || ready < 0 && errno != EINTR { return }
            guard left > 0 else { throw failure(EAGAIN, "takes no output") }
        }
    }

    private func failure(_ code: Int32, _ reason: String) -> ExportError {
        .unavailable(destination: name, errno: code, reason: reason)
    }
}

/// `write`, which the method above hides.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int {
    unsafe write(descriptor, bytes, count)
}

/// The right to write to a file: one console exporter of a process at a time.
///
/// A few locks that files share by chance, so that one that is stuck rarely delays another. A lock that knows its process: what a fork copied while it was held belongs to nobody in the child.
private struct Turn: ~Copyable {
    private static let owners = InlineArray<64, Atomic<Int32>> { _ in Atomic(0) }
    private let place: Int

    init(_ file: UInt64, _ name: String, _ patience: Duration) throws(ExportError) {
        place = Int(file % UInt64(Self.owners.count))
        let process = getpid(), deadline = ContinuousClock.now + patience
        while true {
            let (taken, holder) = Self.owners[place].compareExchange(
                expected: 0, desired: process, ordering: .acquiring)
            if taken { return }
            if holder != process,
                Self.owners[place].compareExchange(expected: holder, desired: process, ordering: .acquiring).exchanged
            {
                return
            }
            guard ContinuousClock.now < deadline else {
                throw .unavailable(destination: name, errno: 0, reason: "another console exporter is writing")
            }
            _ = poll(nil, 0, 1)
        }
    }

    consuming func end() { Self.owners[place].store(0, ordering: .releasing) }
}

/// Keeps SIGPIPE away from the process while this thread writes, and takes back what a write has raised.
private struct BrokenPipeSignal: ~Copyable {
    private var before = sigset_t()
    private let wasPending: Bool

    init() {
        wasPending = Self.isPending
        var only = Self.set
        unsafe pthread_sigmask(SIG_BLOCK, &only, &before)
    }

    consuming func restore() {
        if !wasPending, Self.isPending {
            var only = Self.set, number: Int32 = 0
            unsafe sigwait(&only, &number)
        }
        unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
    }

    private static var set: sigset_t {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGPIPE)
        return set
    }

    private static var isPending: Bool {
        var pending = sigset_t()
        unsafe sigpending(&pending)
        return unsafe sigismember(&pending, SIGPIPE) == 1
    }
}
