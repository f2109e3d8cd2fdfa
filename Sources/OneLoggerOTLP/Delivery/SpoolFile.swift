internal import OneLoggerHTTP

/// One message as a file of the spool.
///
/// `OTLPSPL1`, the checksum of all that follows (4 bytes), kind (1), format (1), two zero bytes, the number of records
/// (4), then the message as it is sent, not compressed; all numbers in little endian.
enum SpoolFile {
    private static let magic = Array("OTLPSPL1".utf8)
    private static let headerBytes = 20

    static func bytes(_ message: OTLPMessage) -> [UInt8] {
        var result = magic + [0, 0, 0, 0, UInt8(message.signal.index), message.format == .json ? 1 : 0, 0, 0]
        result.reserveCapacity(Self.headerBytes + message.content.count)
        append(UInt32(truncatingIfNeeded: message.recordCount), to: &result)
        message.content.withBytes { bytes in unsafe bytes.withUnsafeBufferPointer { unsafe result += $0 } }
        var sum: [UInt8] = []
        append(Gzip.checksum(result[12...]), to: &sum)
        result.replaceSubrange(8..<12, with: sum)
        return result
    }

    /// Nil when the bytes are damaged.
    static func message(_ bytes: [UInt8]) -> OTLPMessage? {
        guard bytes.count >= headerBytes, bytes.starts(with: magic),
            number(bytes[8..<12]) == Gzip.checksum(bytes[12...]),
            Int(bytes[12]) < OTLPSignal.allCases.count
        else { return nil }
        return OTLPMessage(
            signal: OTLPSignal.allCases[Int(bytes[12])], format: bytes[13] == 1 ? .json : .protobuf,
            content: OTLPBody(copying: Array(bytes[headerBytes...])), recordCount: Int(number(bytes[16..<20])))
    }

    private static func append(_ number: UInt32, to bytes: inout [UInt8]) {
        for shift in stride(from: UInt32(0), to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
}

extension OTLPSignal {
    /// Its place among all kinds.
    fileprivate var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
