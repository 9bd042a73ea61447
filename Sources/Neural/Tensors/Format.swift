/// How the values that pass from one layer to the next lie in memory.
struct Format: Equatable {
  /// The order of the values of an image.
  enum Layout {
    /// Row, column, channel.
    case interleaved
    /// Channel, row, column.
    case planes
  }

  var precision: Precision
  var layout = Layout.interleaved

  static let float32 = Format(precision: .float32)
}

/// The formats that a layer reads.
enum ReadableFormats {
  /// Every format; the output has the format of the input.
  case any
  /// Every precision, with channels interleaved.
  case interleaved
  /// The precision of the network for images and 32-bit floats for features, interleaved.
  case network
  /// 32-bit floats, interleaved.
  case float32
  /// 32-bit floats, in planes or interleaved; planes are faster.
  case planes

  /// The format that an input is converted to.
  ///
  /// - Parameters:
  ///   - given: the format of the input.
  ///   - shape: the shape of the input.
  ///   - network: the precision of the network.
  /// - Returns: the format; that of the input if the layer reads it.
  func format(of given: Format, _ shape: ActivationShape, network: Precision) -> Format {
    switch self {
    case .any: return given
    case .interleaved: return Format(precision: given.precision)
    case .network:
      // Features are 32-bit floats throughout.
      guard case .image = shape else { return .float32 }
      return Format(precision: network)
    case .float32: return .float32
    case .planes: return Format(precision: .float32, layout: given.layout)
    }
  }
}
