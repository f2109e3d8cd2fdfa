/// The name of a run's file: its id with everything percent-encoded that a path could trip over.
///
/// Letters, digits, `-`, `_` and dots inside stay. Two ids never share a name: one that is too long for a file name ends
/// in `%~` and a hash, an empty one is `%`; an encoded id holds neither.
func runFileName(_ run: String) -> String {
    guard !run.isEmpty else { return "%" }
    var name: [UInt8] = []
    for (place, byte) in run.utf8.enumerated() {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            name.append(byte)
        case UInt8(ascii: ".") where place > 0:
            name.append(byte)
        default:
            name += [UInt8(ascii: "%"), hexadecimal(byte >> 4), hexadecimal(byte & 15)]
        }
    }
    guard name.count > 200 else { return String(decoding: name, as: UTF8.self) }
    let digits = String(hash(run), radix: 16)
    return String(decoding: name.prefix(180), as: UTF8.self) + "%~" + String(repeating: "0", count: 16 - digits.count)
        + digits
}

private func hexadecimal(_ digit: UInt8) -> UInt8 {
    digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10
}

/// FNV-1a.
private func hash(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
}
