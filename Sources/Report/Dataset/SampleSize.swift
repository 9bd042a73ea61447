import Foundation

/// The size of a sample in an ingest configuration, in pixels.
struct SampleSize: Decodable {
  private(set) var width = 0
  private(set) var height = 0

  init(configuration: String) {
    if let size = try? JSONDecoder().decode(SampleSize.self, from: Data(configuration.utf8)) {
      self = size
    }
  }

  /// Returns true if an image of this size is smaller than a sample in width or height.
  func isLarger(thanWidth width: Int, height: Int) -> Bool {
    width < self.width || height < self.height
  }
}
