import Catalog

/// The names that lists use for the images of a dataset.
///
/// A list names files. An image whose identity was corrected keeps the name that its path gives.
struct ListedNames: Sendable {
  /// The identities before correction, by path.
  private let originals: [UTF8Key: String]

  /// Reads the corrections of a dataset.
  init(_ catalog: Catalog, dataset: String) throws(CatalogError) {
    var originals: [UTF8Key: String] = [:]
    for correction in try catalog.corrections() where correction.dataset == dataset {
      originals[UTF8Key(correction.path)] = correction.before
    }
    self.originals = originals
  }

  /// The identity by which lists name an image of the dataset.
  func identity(of image: ImageKey) -> String {
    originals[UTF8Key(image.path)] ?? image.identity
  }

  /// Whether a correction of the image is in force.
  func isCorrected(_ image: ImageKey) -> Bool {
    originals[UTF8Key(image.path)] != nil
  }
}
