/// How the method of each pass of a network's convolutions is chosen.
public enum ConvolutionPolicy: Sendable {
  /// Direct, for all; planar where that is possible, whose sums are the same.
  case direct
  /// One method where that is possible.
  case always(ConvolutionMethod)
  /// The fastest on this machine, measured.
  case measured(ConvolutionTimings)
  /// The same as in an earlier network.
  case recorded(ConvolutionChoices)
}

/// What the layers of one network share.
///
/// A class because the layers add to it when they are built.
final class NetworkResources {
  let arena = Arena()
  let policy: ConvolutionPolicy
  /// The methods that were chosen so far.
  private(set) var choices = ConvolutionChoices()
  /// The times of those that were measured, by the position of their layer.
  private(set) var times: [String: ConvolutionTimes] = [:]

  /// Number of bytes of spectra and transformed kernels that are kept between passes.
  private(set) var transformBytes = 0

  /// The part of the work that this process does.
  let share: RankShare

  init(_ policy: ConvolutionPolicy = .direct, share: RankShare = .whole) {
    self.policy = policy
    self.share = share
  }

  /// Notes that a layer keeps spectra or transformed kernels.
  func keepTransforms(bytes: Int) { transformBytes += bytes }

  /// Whether a convolution and its pool are computed as one layer, in planes.
  ///
  /// - Parameters:
  ///   - setup: the convolution, which can be.
  ///   - path: its position.
  ///   - precision: the precision of the network.
  ///   - measure: measures both ways.
  /// - Returns: whether they are.
  /// - Throws: ``NeuralError`` if a measurement fails.
  func choosesPlanar(
    _ setup: ConvolutionSetup, path: String, in precision: Precision,
    measure: (ConvolutionTimings) throws(NeuralError) -> ConvolutionTimes.Planar
  ) throws(NeuralError) -> Bool {
    let isPlanar: Bool
    switch policy {
    case .direct: isPlanar = true
    case .always(let method): isPlanar = method == .direct || !method.fits(setup.shape)
    case .measured(let timings):
      isPlanar = try timings.isPlanarFaster(setup, in: precision, measure: measure)
    case .recorded(let recorded):
      // Records of earlier versions do not name planar convolutions.
      guard recorded.names(path) else { return true }
      isPlanar = recorded[path] == PassMethods(.planar)
    }
    if isPlanar {
      choices[path] = PassMethods(.planar)
    } else {
      choices.refusePlanar(path)
    }
    return isPlanar
  }

  /// Chooses the methods of the convolution at a position.
  func choose(_ setup: ConvolutionSetup, path: String) throws(NeuralError) -> PassMethods {
    var methods = PassMethods(.direct)
    switch policy {
    case .direct: break
    case .always(let method): if method.fits(setup.shape) { methods = PassMethods(method) }
    case .measured(let timings):
      if let times = try timings.times(of: setup) {
        methods = times.fastest(setup.passes)
        self.times[path] = times
      }
    case .recorded(let recorded):
      methods = recorded[path]
      guard methods.all.allSatisfy({ $0.fits(setup.shape) }) else {
        throw .badOption(
          what: "convolution \(path)", reason: "the record says \(methods.text), which cannot be")
      }
    }
    // A direct one that could be planar is noted already.
    if methods != PassMethods(.direct) { choices[path] = methods }
    return methods
  }
}
