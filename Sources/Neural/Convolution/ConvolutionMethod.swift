import Foundation

/// A method to compute a convolution.
public enum ConvolutionMethod: String, Codable, Sendable, CaseIterable {
  /// Sums of products, by oneDNN.
  case direct
  /// Products of spectra.
  case frequency
  /// Products of tiles, transformed for kernels of 3x3 or 4x4.
  case winograd

  /// Sums of products of few channels, image by image, with the 2x2 max pool that follows.
  case planar

  /// Sums of products, by oneDNN, where the gradients of kernel and bias are summed image by image and
  /// the images in 64 bits.
  case imagewise

  /// The methods whose times are compared.
  static let compared: [ConvolutionMethod] = [.direct, .frequency, .winograd]

  /// Whether the output may have another precision than the input.
  var convertsImages: Bool { self == .frequency }

  /// Whether the method can compute a convolution by itself.
  func fits(_ shape: ConvolutionShape) -> Bool {
    switch self {
    case .direct, .imagewise: true
    case .frequency: shape.stride == 1
    case .winograd: shape.stride == 1 && (3...4).contains(shape.kernel)
    case .planar: false
    }
  }
}

/// The method of each pass of a convolution.
public struct PassMethods: Codable, Sendable, Equatable {
  /// The method of the output.
  public var forward: ConvolutionMethod
  /// The method of the gradients of the kernel and the bias.
  public var weights: ConvolutionMethod
  /// The method of the gradient of the input.
  public var data: ConvolutionMethod

  /// The same method for all passes.
  init(_ method: ConvolutionMethod) {
    self.init(forward: method, weights: method, data: method)
  }

  init(forward: ConvolutionMethod, weights: ConvolutionMethod, data: ConvolutionMethod) {
    self.forward = forward
    self.weights = weights
    self.data = data
  }

  /// The methods, forward, weights and data.
  var all: [ConvolutionMethod] { [forward, weights, data] }

  /// The methods, forward, weights and data, as "frequency/frequency/direct".
  var text: String { all.map(\.rawValue).joined(separator: "/") }
}

/// The methods of the convolutions of a network by the position of their layer, such as "3" or
/// "3.0.1".
public struct ConvolutionChoices: Sendable, Equatable, LosslessStringConvertible {
  /// The methods that are not direct, and direct ones of layers that could be planar.
  private(set) var methods: [String: PassMethods] = [:]

  /// Every convolution is direct.
  public init() {}

  /// Reads what ``description`` gives; `nil` for another text.
  public init?(_ description: String) {
    guard description != "direct" else { return }
    for part in description.split(separator: ", ", omittingEmptySubsequences: false) {
      let words = part.split(separator: " ", omittingEmptySubsequences: false)
      let names = words.last?.split(separator: "/").compactMap {
        ConvolutionMethod(rawValue: String($0))
      }
      guard words.count == 2, let names, names.count == 3 else { return nil }
      methods[String(words[0])] = PassMethods(
        forward: names[0], weights: names[1], data: names[2])
    }
  }

  /// The methods as text, such as "3 frequency/frequency/direct, 6 frequency/direct/direct"; "direct" if
  /// every convolution is direct, or planar where that is possible.
  public var description: String {
    guard !methods.isEmpty else { return "direct" }
    return methods.sorted { $0.key.compare($1.key, options: .numeric) == .orderedAscending }
      .map { "\($0.key) \($0.value.text)" }.joined(separator: ", ")
  }

  /// The methods of the layer at a position.
  public internal(set) subscript(path: String) -> PassMethods {
    get { methods[path] ?? PassMethods(.direct) }
    set { methods[path] = newValue == PassMethods(.direct) ? nil : newValue }
  }

  /// Whether the layer at a position has methods of its own in the text.
  func names(_ path: String) -> Bool { methods[path] != nil }

  /// Notes that a layer is direct though it could be planar.
  mutating func refusePlanar(_ path: String) { methods[path] = PassMethods(.direct) }
}
