internal import CVips

/// Charts as PNG.
public enum PNG {
  /// The number of pixels of a PNG for each pixel of the SVG.
  private static let scale = 2.0

  /// Draws SVG text of this project on white, at twice its size.
  ///
  /// - Parameter svg: the SVG text.
  /// - Returns: the bytes of the file; `nil` if libvips was built without support for SVG.
  public static func draw(_ svg: String) -> [UInt8]? {
    var svg = svg
    return svg.withUTF8 { text in
      guard let start = text.baseAddress else { return nil }
      var length = 0
      let png = start.withMemoryRebound(to: CChar.self, capacity: text.count) {
        cvips_render_svg($0, text.count, scale, &length)
      }
      guard let png else { return nil }
      defer { cvips_free(png) }
      return Array(UnsafeRawBufferPointer(start: png, count: length))
    }
  }
}
