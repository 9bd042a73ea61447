import CommandSupport
import Foundation

/// The time that OpenMP's threads spin before they sleep while they wait for another thread.
///
/// The runtime reads the setting when it is loaded, before any code of this program runs, so the
/// program restarts itself once with the setting. By default threads spin for milliseconds. If the
/// machine has other load, they take processor time from the thread that they wait for, and the
/// speed of a training falls to a third. Measured with `orl-keras` on two cores, in pairs per
/// second alone and next to one busy loop: default 16,700 and 5,300; passive waiting 14,200 and
/// 8,600; 600 spins 16,000 and 8,300.
enum ThreadWaiting {
  private static let spins = "600"

  /// Restarts the program with the setting, unless the user or an earlier start has set it.
  static func choose() {
    let environment = ProcessInfo.processInfo.environment
    guard environment["GOMP_SPINCOUNT"] == nil, environment["OMP_WAIT_POLICY"] == nil else {
      return
    }
    setenv("GOMP_SPINCOUNT", spins, 1)
    var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
    // If this fails the program continues without the setting and is only slower under other load.
    execv(Installation.executable, &arguments)
    for argument in arguments { free(argument) }
  }
}
