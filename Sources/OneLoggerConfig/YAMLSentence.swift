/// libyaml's complaints in the words of somebody who wants to mend a configuration.
///
/// The texts compared here are those of libyaml 0.2.5, `src/scanner.c` and `src/parser.c`; one that is not known is
/// passed on as it is.
struct YAMLSentence {
    /// What is wrong and what to do, without the last full stop.
    private(set) var text = ""
    /// Where.
    private(set) var place: YAMLEvents.Place

    init(_ failure: YAMLEvents.Failure, in source: SourceText) {
        place = failure.place
        let offset = source.offset(line: place.line, column: place.column)
        let found = offset.map { source.bytes[$0] }, before = offset.flatMap { source.bytes[safe: $0 - 1] }
        if found == UInt8(ascii: "{"), before == UInt8(ascii: "$") {
            place.column -= 1
            text = "inside [ ] and { } a variable stands in quotes. Write \"${NAME}\""
            return
        }
        text = sentence(failure, found)
    }

    private mutating func sentence(_ failure: YAMLEvents.Failure, _ found: UInt8?) -> String {
        switch failure.problem {
        case "found character that cannot start any token": return unusable(found)
        case "mapping values are not allowed in this context":
            return "this ':' does not fit: a second one on the line, or a wrong indentation. "
                + "Mend the indentation, or put the text in quotes"
        case "could not find expected ':'":
            place = failure.contextPlace ?? place
            return "a ':' is missing after this key. Write KEY: VALUE"
        case "found unexpected end of stream" where failure.context.contains("scalar"):
            place = failure.contextPlace ?? place
            return "this quote is never closed. Add the missing quote"
        case "found unknown escape character":
            return "there is no such escape. Write \\\\ for a backslash, or use single quotes"
        case "did not find expected hexdecimal number", "found invalid Unicode character escape code":
            return "this escape names no character. Write \\\\ for a backslash, or use single quotes"
        case "did not find expected alphabetic or numeric character":
            return "a text cannot begin with '*' or '&'. Put it in quotes"
        case "block sequence entries are not allowed in this context":
            return "a '-' cannot stand here. Begin the list on a line of its own, or write [a, b]"
        case "did not find expected key":
            return "this line fits neither the lines above nor a key. Mend the indentation, or a quote before it"
        case "did not find expected '-' indicator":
            return "this line is no item of the list above. Begin it with '-', or mend the indentation"
        case "did not find expected ',' or ']'":
            return "a ',' or ']' is missing before this" + since(failure)
        case "did not find expected ',' or '}'":
            return "a ',' or '}' is missing before this" + since(failure)
        case "did not find expected node content":
            return "a value is missing here. Write one, or remove the ','"
        case "did not find expected <document start>":
            return "something stands after the end of the document. Remove it"
        case "found undefined tag handle": return "tags are not supported. Remove what begins with '!'"
        case "did not find expected comment or line break":
            return "after '|' or '>' the text begins on the next line. Move it there, or put it in quotes"
        case "found a tab character where an indentation space is expected",
            "found a tab character that violates indentation":
            return unusable(9)
        default: return other(failure)
        }
    }

    private func since(_ failure: YAMLEvents.Failure) -> String {
        guard let start = failure.contextPlace else { return ". Add it" }
        return ". Add it; the list or map began in line \(start.line), column \(start.column)"
    }

    private func unusable(_ byte: UInt8?) -> String {
        switch byte {
        case 9: "a tab stands here. Indent with spaces"
        case UInt8(ascii: "%"): "a text cannot begin with '%'. Put it in quotes"
        case UInt8(ascii: "@"): "a text cannot begin with '@'. Put it in quotes"
        case UInt8(ascii: "`"): "a text cannot begin with '`'. Put it in quotes"
        default: "a text cannot begin with this character. Put it in quotes"
        }
    }

    private func other(_ failure: YAMLEvents.Failure) -> String {
        let context = failure.context.isEmpty ? "" : " \(failure.context)"
        return "the YAML parser says: \(failure.problem)\(context). Look at this line and the one before it"
    }
}
