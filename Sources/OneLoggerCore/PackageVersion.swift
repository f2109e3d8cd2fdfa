/// The version of this package, by Semantic Versioning.
package let packageVersion = "0.1.0"
