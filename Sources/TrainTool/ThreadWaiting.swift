import CommandSupport
import Foundation

/// How long OpenMP's threads spin before they sleep while one of them is not done.
///
/// The runtime reads it when it is loaded, before any code of this program runs, so that the program
/// starts itself once more with the setting. By default threads spin for milliseconds: beside other
/// load they then keep the processor from the very thread they wait for, and a training falls to a
/// third. Measured with `orl-keras` on two cores, pairs a second alone and beside one busy loop: default
/// 16,700 and 5,300; passive waiting 14,200 and 8,600; 600 spins 16,000 and 8,300.
enum ThreadWaiting {
  private static let spins = "600"

  /// Starts the program again with the setting, unless the user or an earlier start has chosen one.
  static func choose() {
    let environment = ProcessInfo.processInfo.environment
    guard environment["GOMP_SPINCOUNT"] == nil, environment["OMP_WAIT_POLICY"] == nil else {
      return
    }
    setenv("GOMP_SPINCOUNT", spins, 1)
    var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
    // Where this fails the program goes on as it is, only slower beside other load.
    execv(Installation.executable, &arguments)
    for argument in arguments { free(argument) }
  }
}
