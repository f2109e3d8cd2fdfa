internal import OneLogger
struct Counter: Sendable {
    struct Bound: Sendable { func add(_ v: Int) {} }
    func add(_ v: Int, attributes: Attributes) {}
    func bound(_ a: Attributes) -> Bound { Bound() }
}
struct Histogram: Sendable {
    func record(_ v: Double) {}
    func record(_ v: Double, attributes: Attributes) {}
}
enum Buckets { case explicit([Double]) }
extension Recorder {
    func counter(_ n: String, unit: String, description: String) -> Counter { Counter() }
    func histogram(_ n: String, unit: String, description: String, buckets: Buckets) -> Histogram { Histogram() }
}
