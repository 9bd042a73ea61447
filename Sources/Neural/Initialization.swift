import Randomness

/// First weights.
enum Initialization {
  /// Uniform in +-sqrt(6 / (fan in + fan out)).
  ///
  /// Source: Glorot and Bengio, Understanding the difficulty of training deep feedforward neural
  /// networks, 2010, equation 16.
  static func glorotUniform(
    count: Int, fanIn: Int, fanOut: Int, random: inout RandomStream
  ) -> [Float] {
    let limit = (6 / Double(fanIn + fanOut)).squareRoot()
    return (0..<count).map { _ in Float((2 * random.uniform() - 1) * limit) }
  }
}
