import Catalog

/// Two samples and the reason why they were reported.
struct SharedSamples {
  let kind: Finding.Kind
  let fold: Int
  let left: Int
  let right: Int
  var detail = ""
}
