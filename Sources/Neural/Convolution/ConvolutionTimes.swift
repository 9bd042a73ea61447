/// The milliseconds that the parts of a convolution take with each method.
public struct ConvolutionTimes: Codable, Sendable, Equatable {
  /// The passes of a method that shares nothing between them.
  struct Passes: Codable, Equatable {
    var forward = 0.0
    var weights = 0.0
    var data = 0.0
  }

  /// The transforms of the kernel, the input and the output's gradient, and the rest of each pass.
  struct Frequency: Codable, Equatable {
    var kernel = 0.0
    var input = 0.0
    var gradient = 0.0
    var forward = 0.0
    var weights = 0.0
    var data = 0.0
  }

  /// A convolution and its pool, as one layer in planes and apart with the fastest methods.
  struct Planar: Codable, Equatable {
    var together = 0.0
    var apart = 0.0
  }

  var direct = Passes()
  var frequency: Frequency?
  var winograd: Passes?
  var planar: Planar?

  /// The methods that have times.
  public var methods: [ConvolutionMethod] {
    [.direct] + (frequency == nil ? [] : [.frequency]) + (winograd == nil ? [] : [.winograd])
  }

  /// The milliseconds of a step with some methods.
  ///
  /// - Parameters:
  ///   - methods: the method of each pass; each has times.
  ///   - passes: the passes of the step.
  /// - Returns: the sum.
  func total(_ methods: PassMethods, _ passes: ConvolutionPasses) -> Double {
    var sum = 0.0
    var needed: (input: Bool, kernel: Bool, gradient: Bool) = (false, false, false)
    func add(_ pass: KeyPath<Passes, Double>, _ method: ConvolutionMethod, _ own: Double?) {
      sum +=
        (method == .frequency ? own : (method == .winograd ? winograd : direct)?[keyPath: pass])
        ?? .infinity
    }
    if passes.contains(.forward) {
      add(\.forward, methods.forward, frequency?.forward)
      if methods.forward == .frequency { (needed.input, needed.kernel) = (true, true) }
    }
    if passes.contains(.weights) {
      add(\.weights, methods.weights, frequency?.weights)
      if methods.weights == .frequency { (needed.input, needed.gradient) = (true, true) }
    }
    if passes.contains(.data) {
      add(\.data, methods.data, frequency?.data)
      if methods.data == .frequency { (needed.kernel, needed.gradient) = (true, true) }
    }
    // A transform serves all passes that need it.
    guard let frequency else { return sum }
    return sum + (needed.input ? frequency.input : 0) + (needed.kernel ? frequency.kernel : 0)
      + (needed.gradient ? frequency.gradient : 0)
  }

  /// The milliseconds of a pass with one method, `nil` without a time; a transform to the frequency
  /// domain counts for the first pass that needs it.
  public func time(
    _ pass: KeyPath<PassMethods, ConvolutionMethod>, _ method: ConvolutionMethod
  ) -> Double? {
    guard method == .frequency else {
      let times = method == .winograd ? winograd : direct
      return pass == \.forward ? times?.forward : pass == \.weights ? times?.weights : times?.data
    }
    return frequency.map { times in
      switch pass {
      case \.forward: times.kernel + times.input + times.forward
      case \.weights: times.gradient + times.weights
      default: times.data
      }
    }
  }

  /// The methods with the shortest step; direct ones unless others save a twentieth.
  func fastest(_ passes: ConvolutionPasses) -> PassMethods {
    var best = PassMethods(.direct)
    var shortest = total(best, passes) * 0.95
    for forward in methods {
      for weights in passes.contains(.weights) ? methods : [.direct] {
        for data in passes.contains(.data) ? methods : [.direct] {
          let some = PassMethods(forward: forward, weights: weights, data: data)
          let own = total(some, passes)
          if own < shortest { (best, shortest) = (some, own) }
        }
      }
    }
    return best
  }
}
