internal import CDlib

/// The process-wide state of the libraries used by this module.
public enum ImagingLibraries {
  /// Stops the idle threads of OpenBLAS, which would take processor time from the workers.
  ///
  /// A command calls this function before anything else.
  public static func stopIdleThreads() {
    cdlib_end_idle_threads()
  }
}
