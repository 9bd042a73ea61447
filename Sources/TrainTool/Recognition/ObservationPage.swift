import Foundation
import Neural
import Plots
import Report
import Shards
import Train

/// The page of an observation: both images, the gradient in four panels and a montage of the output of
/// each layer.
struct ObservationPage {
  private let observation: Observation
  private let shape: SampleShape
  private let left: Picture
  private let right: Picture

  init(_ observation: Observation, _ shape: SampleShape, left: [UInt8], right: [UInt8]) {
    self.observation = observation
    self.shape = shape
    func picture(_ pixels: [UInt8]) -> Picture {
      Picture(width: shape.width, height: shape.height, channels: shape.channels, pixels: pixels)
    }
    self.left = picture(left)
    self.right = picture(right)
  }

  /// The page.
  func page(title: String, subtitle: String) -> EvaluationPage {
    var page = EvaluationPage(title: title, subtitle: subtitle, figures: [])
    page.galleries = [
      EvaluationPage.Gallery(
        title: "Images", text: "As the network sees them, before they are normalised.",
        exhibits: [
          EvaluationPage.Exhibit([(left, "first image"), (right, "second image")], caption: "")
        ]),
      gradient, layers,
    ]
    return page
  }

  /// The derivative of the score by each pixel: the image, the signed gradient around middle gray, and
  /// the pixels that lower and that raise the score.
  private var gradient: EvaluationPage.Gallery {
    let values = observation.gradient.map { $0.isFinite ? $0 : 0 }
    let greatest = max(values.map(abs).filter(\.isFinite).max() ?? 0, 1e-30)
    let signed = Picture(
      width: shape.width, height: shape.height, channels: shape.channels,
      pixels: values.map { UInt8(((0.5 + $0 / (2 * greatest)) * 255).rounded()) })
    func part(_ sign: Float) -> Picture {
      let pixels = (0..<shape.width * shape.height).map { pixel in
        (0..<shape.channels).map { max(0, sign * values[pixel * shape.channels + $0]) }.max() ?? 0
      }
      return Picture.heat(pixels, width: shape.width, height: shape.height)
    }
    return EvaluationPage.Gallery(
      title: "Gradient of the score with respect to the first image",
      text:
        "The image; the signed gradient, where middle gray is 0; the pixels that lower the score; "
        + "the pixels that raise it.",
      exhibits: [
        EvaluationPage.Exhibit(
          [
            (left, "the image"), (signed, "signed gradient"), (part(-1), "negative part"),
            (part(1), "positive part"),
          ], caption: "", isExact: true)
      ])
  }

  /// The largest number of maps in a montage.
  private static let maps = 256

  private var layers: EvaluationPage.Gallery {
    let exhibits = observation.layers.enumerated().compactMap { index, layer in
      montage(layer).map { picture in
        EvaluationPage.Exhibit(
          [(picture, "output of layer \(index)")],
          caption: "\(index) \(layer.name), \(layer.shape.description)",
          width: max(105, picture.width),
          isExact: true)
      }
    }
    return EvaluationPage.Gallery(
      title: "Output of each layer for the first image",
      text: "Each map is scaled to its own greatest value; each feature is a pixel.",
      exhibits: exhibits)
  }

  private func montage(_ layer: Observation.LayerOutput) -> Picture? {
    switch layer.shape {
    case .image(let height, let width, let channels):
      let shown = min(channels, Self.maps)
      let tiles = (0..<shown).map { channel in
        Picture.heat(
          (0..<height * width).map { layer.values[$0 * channels + channel] }, width: width,
          height: height)
      }
      return Picture.montage(tiles, columns: Int(Double(shown).squareRoot().rounded(.up)))
    case .features(let count):
      let columns = max(1, Int(Double(count).squareRoot().rounded(.up)))
      let rows = (count + columns - 1) / columns
      let padded = layer.values + [Float](repeating: 0, count: rows * columns - count)
      return Picture.heat(padded, width: columns, height: rows)
    }
  }
}
