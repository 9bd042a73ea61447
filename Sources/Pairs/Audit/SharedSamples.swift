import Catalog

/// Two samples, and why they are noteworthy.
struct SharedSamples {
  let kind: Finding.Kind
  let fold: Int
  let left: Int
  let right: Int
  var detail = ""
}
