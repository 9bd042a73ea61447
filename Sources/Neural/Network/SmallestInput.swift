extension LayerSpecification {
  /// The side of the smallest square picture that some layers take; `nil` when none up to 1,024
  /// does.
  public static func smallestSide(of layers: [LayerSpecification], channels: Int) -> Int? {
    (1...1_024).first {
      outputShape(of: layers, for: .image(height: $0, width: $0, channels: channels)) != nil
    }
  }
}
