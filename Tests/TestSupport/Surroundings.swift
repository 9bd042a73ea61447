import Foundation

/// What a test may find around the checkout, and skips without.
public enum Surroundings {
  /// The checkout.
  public static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// The folder of real data sets, which is never part of the checkout.
  public static let data =
    ProcessInfo.processInfo.environment["TWINSET_DATA"] ?? "\(root)/../shared/data"

  /// The ORL faces.
  public static let orl = "\(data)/orl_faces"
  /// LFW, deep-funneled.
  public static let lfw = "\(data)/lfw-deepfunneled"

  /// CFP: frontal and profile pictures with fiducials.
  public static let cfp = "\(data)/cfp"

  /// Whether the real data is there.
  public static let hasRealData = FileManager.default.fileExists(atPath: "\(orl)/s1/1.pgm")

  /// A Python with the packages of Tests/requirements.txt, as `make test` sets one up.
  public static let python = "\(root)/.python/bin/python"

  /// Whether that Python is there.
  public static let hasPython = FileManager.default.isExecutableFile(atPath: python)

  /// A Python with the packages of Tests/storage-requirements.txt: an S3 server.
  public static let storagePython = "\(root)/.python-s3/bin/python"

  /// Whether that Python is there.
  public static let hasStorageServer = FileManager.default.isExecutableFile(atPath: storagePython)

  /// Whether ranks can be started: by the mpirun of Open MPI.
  public static let hasMPI = FileManager.default.isExecutableFile(atPath: "/usr/bin/mpirun")

  /// Whether a Slurm can be started: scripts/slurm needs its daemons, munge and root.
  public static let hasSlurm =
    geteuid() == 0
    && ["slurmctld", "slurmd", "munged"].allSatisfy {
      FileManager.default.isExecutableFile(atPath: "/usr/sbin/\($0)")
    }
}
