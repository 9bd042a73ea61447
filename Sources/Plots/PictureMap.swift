import Foundation

/// Pictures at places on a plane, as SVG.
public struct PictureMap {
  /// A picture, its place and its name.
  public struct Entry {
    let picture: Picture
    let x: Double
    let y: Double
    let name: String

    /// Creates an entry at any coordinates; the map is scaled to fit.
    public init(_ picture: Picture, x: Double, y: Double, name: String) {
      self.picture = picture
      self.x = x
      self.y = y
      self.name = name
    }
  }

  private static let (width, height, side) = (900.0, 640.0, 30.0)

  /// Draws the map for a page.
  public static func svg(_ entries: [Entry], title: String) -> String {
    func fraction(_ value: Double, _ all: [Double]) -> Double {
      let (low, high) = (all.min() ?? 0, all.max() ?? 1)
      return high > low ? (value - low) / (high - low) : 0.5
    }
    let (xs, ys) = (entries.map(\.x), entries.map(\.y))
    let images = entries.map { entry in
      let left = fraction(entry.x, xs) * (width - side)
      let top = (1 - fraction(entry.y, ys)) * (height - side)
      let data = Data(entry.picture.jpeg).base64EncodedString()
      return "<image x=\"\(String(format: "%.1f", left))\" y=\"\(String(format: "%.1f", top))\" "
        + "width=\"\(Int(side))\" height=\"\(Int(side))\" href=\"data:image/jpeg;base64,\(data)\">"
        + "<title>\(Markup.escaped(entry.name))</title></image>"
    }
    return "<svg viewBox=\"0 0 \(Int(width)) \(Int(height))\" role=\"img\" "
      + "aria-label=\"\(Markup.escaped(title))\">\n\(images.joined(separator: "\n"))\n</svg>"
  }
}
