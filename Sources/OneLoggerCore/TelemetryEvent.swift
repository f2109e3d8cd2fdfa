/// An event of a declared type: a name and fields that always mean the same.
///
/// A type is a struct with one stored property per field, each with a default, and a method that lists them:
///
///     struct DataQualityChecked: TelemetryEvent {
///         static let eventType: StaticName = "myapp.DataQualityChecked"
///         var score = 0.0
///         var label = "unknown"
///
///         func encode(to fields: inout EventFields) {
///             fields["score"] = score
///             fields["label"] = label
///         }
///     }
///
/// `Recorder.emit` adds what every event has: ids, times, session, backend, task, node and attributes. A type cannot
/// have fields of these names, see ``EventFields/protectedNames``.
public protocol TelemetryEvent: Sendable {
    /// The name of the type, with a namespace and a dot before it, such as `myapp.DataQualityChecked`.
    ///
    /// A literal. A name without a dot is a mistake: the event is not recorded, and the recorder's error handling
    /// strategy hears of it.
    static var eventType: StaticName { get }

    /// Says who beside the exporters must see such events; ``EventRole/ordinary`` unless implemented.
    static var role: EventRole { get }

    /// Lists the fields in their order; the same ones each time.
    func encode(to fields: inout EventFields)
}

extension TelemetryEvent {
    /// Nobody.
    @inlinable public static var role: EventRole { .ordinary }
}

/// Who beside the exporters must see an event.
@frozen
public enum EventRole: UInt8, Sendable, Hashable {
    /// Nobody but those who subscribed: what applications declare.
    case ordinary
    /// The open session, which keeps the last values; costs a lock.
    case observed
    /// The open session, which decides what becomes of it; costs a lock.
    case lifecycle
}

/// The types of this package, whose names need no dot.
package protocol BuiltInEvent: TelemetryEvent {}
