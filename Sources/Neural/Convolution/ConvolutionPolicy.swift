/// How the method of each pass of a network's convolutions is chosen.
public enum ConvolutionPolicy: Sendable {
  /// Direct, for all.
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

  init(_ policy: ConvolutionPolicy = .direct) { self.policy = policy }

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
    choices[path] = methods
    return methods
  }
}
