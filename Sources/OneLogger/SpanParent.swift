public import OneLoggerCore

/// Under which span a new one hangs.
@nonexhaustive
public enum SpanParent: Sendable {
    /// The innermost open span of this task or thread; without one, the recorder's remote parent, or a new trace.
    case inherit
    /// None: the span starts a trace of its own.
    case root
    /// The span with this context, in this process or another; a context that is not valid means ``inherit``.
    case context(SpanContext)
    /// This manual span, or its nearest ancestor that is still open.
    case span(ManualSpan)
}

extension SpanParent {
    /// What it comes down to: inherit, root or a valid context.
    var resolved: SpanParent {
        switch self {
        case .inherit, .root: return self
        case .context(let context): return context.isValid ? self : .inherit
        case .span(let manual):
            let context = manual.nearestOpen
            return context.isValid ? .context(context) : .inherit
        }
    }
}
