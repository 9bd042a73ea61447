import Randomness

/// Pictures of noise: small, and no two alike.
public enum NoisePicture {
  /// A gray picture in PGM; its number decides every pixel.
  public static func pgm(_ number: Int, side: Int = 16) -> [UInt8] {
    var noise = RandomStream(seed: number, "picture")
    return Array("P5\n\(side) \(side)\n255\n".utf8)
      + (0..<side * side).map { _ in UInt8(truncatingIfNeeded: noise.next()) }
  }
}
