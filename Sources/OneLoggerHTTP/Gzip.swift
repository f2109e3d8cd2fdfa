internal import CZlib

/// Compresses in the gzip format, again and again with the same memory.
@safe
package struct Gzip: ~Copyable {
    /// Fast, and only a little larger than the default.
    private static let level: Int32 = 4

    private let stream: UnsafeMutablePointer<z_stream>
    private let isReady: Bool

    package init() {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        isReady = unsafe czlib_gzip_begin(stream, Self.level) == Z_OK
    }

    deinit {
        if isReady { unsafe deflateEnd(stream) }
        unsafe stream.deallocate()
    }

    /// Appends the compressed bytes to `output`; false when there is no memory, and nothing was appended then.
    package mutating func compress(_ bytes: borrowing Span<UInt8>, into output: inout [UInt8]) -> Bool {
        guard isReady, unsafe deflateReset(stream) == Z_OK else { return false }
        let start = output.count
        let room = unsafe Int(deflateBound(stream, UInt(bytes.count)))
        output.append(contentsOf: repeatElement(0, count: room))
        let status = unsafe bytes.withUnsafeBufferPointer { source in
            unsafe output.withUnsafeMutableBufferPointer { target in
                unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                unsafe stream.pointee.avail_in = UInt32(source.count)
                unsafe stream.pointee.next_out = target.baseAddress.map { unsafe $0 + start }
                unsafe stream.pointee.avail_out = UInt32(room)
                return unsafe deflate(stream, Z_FINISH)
            }
        }
        let written = status == Z_STREAM_END ? unsafe room - Int(stream.pointee.avail_out) : 0
        output.removeLast(output.count - start - written)
        return status == Z_STREAM_END
    }

    /// The checksum of gzip, by which a damaged file is recognised.
    package static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            UInt32(truncatingIfNeeded: unsafe crc32_z(0, buffer.baseAddress, buffer.count))
        }
    }
}
