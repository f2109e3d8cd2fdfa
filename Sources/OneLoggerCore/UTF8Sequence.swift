/// The length of the valid UTF-8 sequence at `i`, 0 when there is none (RFC 3629: no overlong forms, no surrogates).
package func utf8Sequence(_ bytes: UnsafeBufferPointer<UInt8>, _ i: Int) -> Int {
    let first = unsafe bytes[i],
        length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
    guard length > 0, i + length <= bytes.count else { return 0 }
    for k in 1..<length where unsafe bytes[i + k] & 0xc0 != 0x80 { return 0 }
    let second = unsafe bytes[i + 1]
    switch first {
    case 0xe0: return second >= 0xa0 ? length : 0
    case 0xed: return second < 0xa0 ? length : 0
    case 0xf0: return second >= 0x90 ? length : 0
    case 0xf4: return second < 0x90 ? length : 0
    default: return length
    }
}
