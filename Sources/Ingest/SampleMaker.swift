import Catalog
import Foundation
import Shards

/// Makes samples of files: read, hash, decode, convert, resample.
///
/// Each worker has its own.
final class SampleMaker {
  /// A file that became a sample.
  struct Made {
    let sha256: String
    let width: Int
    let height: Int
    let pixels: [UInt8]
  }

  /// Files of more bytes than this are not read.
  private static let maxBytes = 1 << 30

  private let configuration: IngestConfiguration
  private let resampler: Resampler

  init(_ configuration: IngestConfiguration) {
    self.configuration = configuration
    resampler = Resampler(configuration)
  }

  /// The sample of the file at `path`, or why there is none.
  func make(_ path: String) -> Result<Made, ImageDecoder.Failure> {
    Self.read(path).flatMap { bytes in
      ImageDecoder.decode(bytes, maxPixels: configuration.maxPixels).flatMap { picture in
        resampler.resample(picture.converted(to: configuration.color)).map {
          Made(
            sha256: Digest.sha256(bytes), width: picture.width, height: picture.height,
            pixels: $0.pixels)
        }
      }
    }
  }

  private static func read(_ path: String) -> Result<[UInt8], ImageDecoder.Failure> {
    func failure(_ code: Int32) -> Result<[UInt8], ImageDecoder.Failure> {
      .failure(.init(reason: .unreadable, detail: String(cString: strerror(code))))
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return failure(errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return failure(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      return .failure(.init(reason: .unreadable, detail: "not a regular file"))
    }
    let size = Int(status.st_size)
    guard size <= maxBytes else {
      return .failure(.init(reason: .tooLarge, detail: "\(size) bytes"))
    }
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, size - count)
        if got < 0 && errno == EINTR { continue }
        if got < 0 { code = errno }
        if got <= 0 { break }
        count += got
      }
    }
    return code == 0 ? .success(bytes) : failure(code)
  }
}
