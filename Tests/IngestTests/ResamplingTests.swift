import Foundation
import TestSupport
import Testing

@testable import Ingest

/// Pictures and what Pillow 12.2.0 makes of them, written by Tests/Vectors/make_resampling.py.
private struct PillowVectors: Decodable {
  struct Case: Decodable {
    let filter: String
    let width: Int
    let height: Int
    let channels: Int
    let pixels: String
    let targetWidth: Int
    let targetHeight: Int
    let result: String
  }

  struct Luma: Decodable {
    let width: Int
    let height: Int
    let pixels: String
    let result: String
  }

  let pillow: String
  let cases: [Case]
  let luma: Luma

  static func read() throws -> PillowVectors {
    let url = try #require(Bundle.module.url(forResource: "resampling", withExtension: "json"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Self.self, from: Data(contentsOf: url))
  }
}

private func bytes(_ hexadecimal: String) -> [UInt8] {
  stride(from: 0, to: hexadecimal.utf8.count, by: 2).compactMap { offset in
    let start = hexadecimal.index(hexadecimal.startIndex, offsetBy: offset)
    return UInt8(hexadecimal[start..<hexadecimal.index(start, offsetBy: 2)], radix: 16)
  }
}

@Suite("Resampling")
struct ResamplingTests {
  @Test("gives Pillow's bytes, shrinking and enlarging, gray and RGB")
  func matchesPillow() throws {
    let vectors = try PillowVectors.read()
    #expect(vectors.pillow == "12.2.0")
    #expect(vectors.cases.count == 24)
    for vector in vectors.cases {
      let filter = try #require(IngestConfiguration.Resampling(rawValue: vector.filter))
      let resampler = Resampler(
        IngestConfiguration(
          width: vector.targetWidth, height: vector.targetHeight, color: .rgb, resample: filter))
      let picture = Picture(
        width: vector.width, height: vector.height, channels: vector.channels,
        pixels: bytes(vector.pixels))
      let result = try resampler.resample(picture).get()
      #expect(
        result.pixels == bytes(vector.result),
        "\(vector.filter) \(vector.width)x\(vector.height) to \(vector.targetWidth)x\(vector.targetHeight), \(vector.channels) channels"
      )
    }
  }

  @Test("to gray gives Pillow's luma")
  func matchesPillowLuma() throws {
    let luma = try PillowVectors.read().luma
    let picture = Picture(
      width: luma.width, height: luma.height, channels: 3, pixels: bytes(luma.pixels))
    #expect(picture.converted(to: .gray).pixels == bytes(luma.result))
    let gray = picture.converted(to: .gray)
    let back = gray.converted(to: .rgb)
    #expect(back.pixels == gray.pixels.flatMap { [$0, $0, $0] })
  }

  @Test("by decimation keeps every n-th pixel and refuses what has none")
  func decimates() throws {
    let picture = Picture(width: 5, height: 4, channels: 1, pixels: Array(0..<20))
    func decimated(_ width: Int, _ height: Int) -> Result<Picture, ImageDecoder.Failure> {
      Resampler(
        IngestConfiguration(width: width, height: height, color: .gray, resample: .decimate)
      ).resample(picture)
    }
    #expect(try decimated(3, 2).get().pixels == [0, 2, 4, 10, 12, 14])
    #expect(try decimated(5, 4).get() == picture)
    #expect(throws: ImageDecoder.Failure.self) { try decimated(4, 4).get() }
    guard case .failure(let failure) = decimated(6, 4) else {
      Issue.record("a picture was enlarged by leaving out pixels")
      return
    }
    #expect(failure.reason == .tooSmall)
  }
}
