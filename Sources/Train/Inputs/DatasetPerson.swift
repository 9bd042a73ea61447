import Catalog

/// A person of a dataset, compared by bytes.
struct DatasetPerson: Hashable {
  let dataset: UTF8Key
  let identity: UTF8Key
}
