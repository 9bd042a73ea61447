import CLanczos
import Foundation
import Randomness
import TestSupport
import Testing

@testable import Imaging

/// Pictures and what Pillow 12.2.0 or 13.0.0 makes of them, written by
/// Tests/Vectors/make_resampling.py.
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

  static func read(_ name: String = "resampling") throws -> PillowVectors {
    let url = try #require(Bundle.module.url(forResource: name, withExtension: "json"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Self.self, from: Data(contentsOf: url))
  }
}

func bytes(_ hexadecimal: String) -> [UInt8] {
  stride(from: 0, to: hexadecimal.utf8.count, by: 2).compactMap { offset in
    let start = hexadecimal.index(hexadecimal.startIndex, offsetBy: offset)
    return UInt8(hexadecimal[start..<hexadecimal.index(start, offsetBy: 2)], radix: 16)
  }
}

@Suite("Resampling")
struct ResamplingTests {
  @Test(
    "gives the bytes of either Pillow, shrinking and enlarging, gray and RGB",
    arguments: [("resampling", "12.2.0"), ("resampling13", "13.0.0")])
  func matchesPillow(name: String, version: String) throws {
    let vectors = try PillowVectors.read(name)
    #expect(vectors.pillow == version)
    #expect(vectors.cases.count == 56)
    for vector in vectors.cases {
      let filter = try #require(SampleConfiguration.Resampling(rawValue: vector.filter))
      let picture = Image(
        width: vector.width, height: vector.height, channels: vector.channels,
        pixels: bytes(vector.pixels))
      for path in Self.paths {
        let resampler = Resampler(
          width: vector.targetWidth, height: vector.targetHeight, method: filter,
          followsPillow13: version == "13.0.0", path: path)
        #expect(
          try resampler.resample(picture).get().pixels == bytes(vector.result),
          "\(vector.filter) \(vector.width)x\(vector.height) to \(vector.targetWidth)x\(vector.targetHeight), \(vector.channels) channels, path \(path)"
        )
      }
    }
  }

  /// Every path this processor has.
  private static var paths: [CLanczosPath] {
    [CLANCZOS_PORTABLE, CLANCZOS_AVX2, CLANCZOS_AVX512].filter {
      $0.rawValue <= clanczos_best_path().rawValue
    }
  }

  @Test("gives the same bytes by every path, at any size")
  func pathsAgree() throws {
    var random = RandomStream(seed: 1, "sizes")
    for round in 0..<150 {
      func side(_ limit: Int) -> Int { 1 + Int(random.next() % UInt64(limit)) }
      let (width, height, channels) = (side(300), side(200), round % 2 == 0 ? 3 : 1)
      let pixels = (0..<width * height * channels).map { _ -> UInt8 in
        // Extremes drive sums to both ends of their range.
        let value = UInt8(truncatingIfNeeded: random.next())
        return value < 85 ? value : value < 170 ? 0 : 255
      }
      let picture = Image(width: width, height: height, channels: channels, pixels: pixels)
      let target = (side(150), side(150))
      let results = try Self.paths.map { path in
        try Resampler(width: target.0, height: target.1, method: .lanczos, path: path)
          .resample(picture).get()
      }
      #expect(
        results.allSatisfy { $0 == results[0] },
        "\(width)x\(height)x\(channels) to \(target)")
    }
  }

  @Test("leaves a picture of the right size alone")
  func keepsSize() throws {
    let picture = Image(width: 9, height: 7, channels: 3, pixels: (0..<189).map { UInt8($0) })
    for method in [SampleConfiguration.Resampling.lanczos, .bilinear, .decimate, .vipsLanczos3] {
      _ = try ImageDecoder()
      #expect(try Resampler(width: 9, height: 7, method: method).resample(picture).get() == picture)
    }
  }

  @Test("by libvips is near Pillow's when shrinking, and is not the same")
  func vips() throws {
    _ = try ImageDecoder()
    let pixels = (0..<64 * 64).map { index -> UInt8 in
      let (row, column) = index.quotientAndRemainder(dividingBy: 64)
      return UInt8((row * column) % 200)
    }
    let picture = Image(width: 64, height: 64, channels: 1, pixels: pixels)
    let theirs = try Resampler(width: 20, height: 20, method: .vipsLanczos3).resample(picture).get()
    let pillows = try Resampler(width: 20, height: 20, method: .lanczos).resample(picture).get()
    let total = zip(theirs.pixels, pillows.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
    #expect(total < 12 * theirs.pixels.count)
    #expect(theirs != pillows)
  }

  @Test("to gray gives Pillow's luma")
  func matchesPillowLuma() throws {
    let luma = try PillowVectors.read().luma
    let picture = Image(
      width: luma.width, height: luma.height, channels: 3, pixels: bytes(luma.pixels))
    #expect(picture.converted(to: .gray).pixels == bytes(luma.result))
    let gray = picture.converted(to: .gray)
    let back = gray.converted(to: .rgb)
    #expect(back.pixels == gray.pixels.flatMap { [$0, $0, $0] })
  }

  @Test("by decimation keeps every n-th pixel and refuses what has none")
  func decimates() throws {
    let picture = Image(width: 5, height: 4, channels: 1, pixels: Array(0..<20))
    func decimated(_ width: Int, _ height: Int) -> Result<Image, ImageFailure> {
      Resampler(width: width, height: height, method: .decimate).resample(picture)
    }
    #expect(try decimated(3, 2).get().pixels == [0, 2, 4, 10, 12, 14])
    #expect(try decimated(5, 4).get() == picture)
    #expect(throws: ImageFailure.self) { try decimated(4, 4).get() }
    guard case .failure(let failure) = decimated(6, 4) else {
      Issue.record("a picture was enlarged by leaving out pixels")
      return
    }
    #expect(failure.reason == .tooSmall)
  }
}
