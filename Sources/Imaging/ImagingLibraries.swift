internal import CDlib

/// The libraries below.
public enum ImagingLibraries {
  /// Stops the threads that OpenBLAS starts by itself: they would take time from the workers.
  ///
  /// A command calls it before anything else.
  public static func stopIdleThreads() {
    cdlib_end_idle_threads()
  }
}
