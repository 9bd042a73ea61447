import CommandSupport
import Foundation
import Imaging
import Train

/// Makes samples of photographs as the ingest of a run's training images did.
struct PhotoReader {
  private let maker: SampleMaker

  /// Prepares the ingest configuration that the run records.
  ///
  /// - Parameters:
  ///   - record: the record of the run.
  ///   - landmarks: the landmarks file, if the ingest used one.
  /// - Throws: ``CommandFailure`` if the configuration cannot be repeated.
  init(_ record: RunRecord, landmarks: String?) throws {
    guard let json = record.ingest.first, Set(record.ingest).count == 1,
      let configuration = try? JSONDecoder().decode(
        SampleConfiguration.self, from: Data(json.utf8))
    else {
      throw CommandFailure(
        "The run was trained on stores with different ingest configurations, or does not record "
          + "them, so that it is not known how to crop and resample a photograph.")
    }
    let predictor = try landmarks.map { try LandmarkPredictor(path: $0) }
    guard predictor?.sha256 == configuration.landmarks else {
      throw CommandFailure(
        configuration.landmarks == nil
          ? "The run's images were made without landmarks. Leave --landmarks out."
          : "The run's images were made with a landmarks file whose SHA-256 is "
            + "\(configuration.landmarks ?? ""). Name it with --landmarks.")
    }
    maker = try SampleMaker(
      configuration, landmarks: predictor, axes: AxisCache(), budget: PixelBudget())
  }

  /// The pixels of a sample made of the file at `path`, or the reason why there is none.
  func read(_ path: String) -> Result<[UInt8], ImageFailure> {
    maker.make(Array(path.utf8CString)).result.map(\.pixels)
  }

  /// The pixels of a sample made of the file at `path`.
  ///
  /// - Throws: ``CommandFailure`` with the reason.
  func pixels(_ path: String) throws -> [UInt8] {
    switch read(path) {
    case .success(let pixels): return pixels
    case .failure(let failure): throw CommandFailure("\(path): \(Self.words(failure)).")
    }
  }

  /// A photograph that cannot be used, as a JSON line.
  struct Rejected: Encodable {
    let path: String
    let reason: String

    init(path: String, _ failure: ImageFailure) {
      self.path = path
      reason = PhotoReader.words(failure)
    }
  }

  /// A failure in words.
  static func words(_ failure: ImageFailure) -> String {
    failure.reason.rawValue + (failure.detail.isEmpty ? "" : " (\(failure.detail))")
  }
}
