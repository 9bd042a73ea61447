/// The distance of the genuine from the impostor scores in units of their spread.
public enum SensitivityIndex {
  /// d' = (genuine mean - impostor mean) / sqrt(mean of the variances); `nil` if both kinds have no
  /// spread.
  public static func of(_ roc: ROC) -> Double? {
    let (genuine, impostor) = (moments(roc.genuineScores), moments(roc.impostorScores))
    let variance = (genuine.variance + impostor.variance) / 2
    guard variance > 0 else { return nil }
    return (genuine.mean - impostor.mean) / variance.squareRoot()
  }

  private static func moments(_ values: [Double]) -> (mean: Double, variance: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, squares / Double(values.count))
  }
}
