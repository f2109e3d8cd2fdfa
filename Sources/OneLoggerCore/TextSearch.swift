extension StringProtocol {
    /// True when `part` occurs in the text, byte for byte.
    ///
    /// The standard library's `contains` for texts belongs to its regular expressions, whose parser would come along: a
    /// statically linked program would be megabytes larger.
    package func holds(_ part: String) -> Bool {
        var rest = utf8[...]
        while rest.count >= part.utf8.count {
            if rest.starts(with: part.utf8) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}
