extension LayerSpecification {
  /// The side of the smallest square image that the layers accept; `nil` if there is none up to
  /// 1,024.
  public static func smallestSide(of layers: [LayerSpecification], channels: Int) -> Int? {
    (1...1_024).first {
      outputShape(of: layers, for: .image(height: $0, width: $0, channels: channels)) != nil
    }
  }
}
