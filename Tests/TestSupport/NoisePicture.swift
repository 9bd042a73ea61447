import Randomness

/// Pictures of noise: small, and no two alike.
public enum NoisePicture {
  /// A gray picture in PGM; its number decides every pixel.
  public static func pgm(_ number: Int, side: Int = 16) -> [UInt8] {
    var noise = RandomStream(seed: number, "picture")
    // Eight pixels of each draw: a debug build takes a microsecond for one.
    let draws = (0..<(side * side + 7) / 8).map { _ in noise.next() }
    let pixels = draws.withUnsafeBytes { Array($0.prefix(side * side)) }
    return Array("P5\n\(side) \(side)\n255\n".utf8) + pixels
  }
}
