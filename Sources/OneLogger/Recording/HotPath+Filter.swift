internal import COneLogger

/// The filter's verdicts, cached per thread by the address of a static name.
extension HotPath {
    /// 0 keep, 1 drop, 2 summarise.
    @inline(__always)
    static func verdict(
        _ t: Block, _ core: Core, _ name: UnsafePointer<UInt8>, _ count: Int, _ isStatic: Bool
    ) -> UInt64 {
        guard isStatic else { return unsafe ask(core, name, count) }
        let address = UInt64(UInt(bitPattern: name)), slot = Int32(truncatingIfNeeded: address ^ address &>> 5)
        let known = unsafe ol_name(t, slot)
        if known &>> 2 == address, known & 3 != eventVerdict { return known & 3 }
        let verdict = unsafe ask(core, name, count)
        unsafe ol_set_name(t, slot, address &<< 2 | verdict)
        return verdict
    }

    @inline(never)
    static func ask(_ core: Core, _ name: UnsafePointer<UInt8>, _ count: Int) -> UInt64 {
        let text = unsafe String(decoding: UnsafeBufferPointer(start: name, count: count), as: UTF8.self)
        return unsafe UInt64(ThreadBlocks.engine(core).options.filter.verdict(text).rawValue)
    }
}
