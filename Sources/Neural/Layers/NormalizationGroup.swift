import MessagePassing

/// The processes whose rows form one batch for batch normalisation.
struct NormalizationGroup {
  private let group: RankGroup

  /// Number of processes.
  var count: Int { group.count }

  /// The group that a share names; `nil` if it names none.
  init?(_ share: RankShare) {
    guard let group = share.normalizationGroup else { return nil }
    self.group = group
  }

  /// Replaces the mean and variance of the pixels of this process by those of all processes, which
  /// have the same number of pixels.
  ///
  /// The variance is the mean of the processes' variances plus the variance of their means, which loses
  /// fewer digits than the mean of squares.
  ///
  /// - Parameters:
  ///   - moments: the means of this process, and behind them its variances.
  ///   - mean: receives the means.
  ///   - variance: receives the variances.
  /// - Throws: ``NeuralError/ranks(_:)``.
  func combine(
    _ moments: UnsafeMutablePointer<Double>, mean: FloatBuffer, variance: FloatBuffer
  ) throws(NeuralError) {
    let channels = mean.count
    let all = try gather((0..<2 * channels).map { moments[$0] })
    for channel in 0..<channels {
      let means = (0..<count).map { all[$0 * 2 * channels + channel] }
      let variances = (0..<count).map { all[$0 * 2 * channels + channels + channel] }
      let center = means.reduce(0, +) / Double(count)
      let between = means.reduce(0) { $0 + ($1 - center) * ($1 - center) }
      mean.start[channel] = Float(center)
      variance.start[channel] = Float((variances.reduce(0, +) + between) / Double(count))
    }
  }

  /// Adds up sums over the processes, in their order.
  func addUp(_ sums: UnsafeMutablePointer<Double>, count: Int) throws(NeuralError) {
    let all = try gather((0..<count).map { sums[$0] })
    for index in 0..<count {
      sums[index] = (0..<group.count).reduce(0) { $0 + all[$1 * count + index] }
    }
  }

  private func gather(_ own: [Double]) throws(NeuralError) -> [Double] {
    do { return try group.gather(own) } catch { throw .ranks(error) }
  }
}
