import Foundation
import TestSupport
import Testing

@testable import Imaging

/// Image files and their pixels, written by Tests/Vectors/make_images.py.
private struct ImageVectors: Decodable {
  struct Image: Decodable {
    let name: String
    let file: Data
    let width: Int
    let height: Int
    let channels: Int
    let pixels: String
    let tolerance: Int
  }

  let images: [Image]

  static func read() throws -> [Image] {
    let url = try #require(Bundle.module.url(forResource: "images", withExtension: "json"))
    return try JSONDecoder().decode(Self.self, from: Data(contentsOf: url)).images
  }
}

@Suite("Decoding")
struct DecodingTests {
  private let decoder: ImageDecoder

  init() throws {
    decoder = try ImageDecoder()
  }

  private func reason(_ bytes: [UInt8], maxPixels: Int = 1_000_000) -> String {
    switch decoder.decode(bytes, maxPixels: maxPixels) {
    case .success: "decoded"
    case .failure(let failure): failure.reason.rawValue
    }
  }

  private func pgm(_ header: String, _ data: [UInt8]) -> [UInt8] { Array(header.utf8) + data }

  @Test(
    "gives Pillow's pixels: every orientation, format, depth and colour, the first frame, no alpha")
  func formats() throws {
    let images = try ImageVectors.read()
    #expect(images.count == 26)
    for image in images {
      let picture = try decoder.decode([UInt8](image.file), maxPixels: 10_000).get()
      #expect(picture.width == image.width && picture.height == image.height, "\(image.name)")
      let color = picture.channels == image.channels ? picture : picture.converted(to: .rgb)
      let expected = bytes(image.pixels)
      // A gray picture may come as RGB: then its channels are the same.
      let pixels =
        image.channels == 1 && picture.channels == 3
        ? stride(from: 0, to: picture.pixels.count, by: 3).map { picture.pixels[$0] } : color.pixels
      #expect(pixels.count == expected.count, "\(image.name)")
      let worst = zip(pixels, expected).map { abs(Int($0) - Int($1)) }.max() ?? 255
      #expect(worst <= image.tolerance, "\(image.name): off by \(worst)")
    }
  }

  @Test("takes plain JPEG without libvips, and nothing else")
  func plainJPEG() throws {
    for image in try ImageVectors.read() where image.name.hasSuffix(".jpg") {
      let file = [UInt8](image.file)
      let isPlain = ["plain", "progressive", "full-chroma", "gray", "orientation-1"].contains {
        image.name == "\($0).jpg"
      }
      let direct = decoder.decodePlainJPEG(file, maxPixels: 10_000)
      #expect((direct != nil) == isPlain, "\(image.name)")
      if let direct {
        // Compared apart: the test library would work out the difference of two arrays for minutes.
        let isSame = try direct == decoder.decodeWithVips(file, maxPixels: 10_000).get()
        #expect(isSame, "\(image.name)")
      }
    }
  }

  @Test("reads PGM of both kinds, with comments, as the bytes that stand in it")
  func readsPGM() throws {
    let data = (0..<80).map { UInt8($0 * 3) }
    let words = data.map(String.init).joined(separator: " ")
    for file in [
      pgm("P5\n10 8\n255\n", data), pgm("P5 # a comment\n10 8\n255\n", data),
      pgm("P2\n10 8\n255\n\(words)\n", []),
    ] {
      let picture = try decoder.decode(file, maxPixels: 100).get()
      #expect(picture == Image(width: 10, height: 8, channels: 1, pixels: data))
    }
  }

  @Test("rejects what is no image, with the reason")
  func rejects() {
    let random = (0..<500).map { UInt8(truncatingIfNeeded: $0 &* 197 &+ 13) }
    #expect(reason([]) == "empty")
    #expect(reason(random) == "not-an-image")
    #expect(reason(Array("just words".utf8)) == "not-an-image")
    #expect(reason(pgm("P5\n10 10\n255\n", [1, 2])) == "truncated")
    #expect(reason(pgm("P5\n90000 90000\n255\n", [1])) == "too-large")
    #expect(reason(pgm("P5\n1 1\n255\n", [1])) == "too-small")
    #expect(reason(pgm("P5\n7 9\n255\n", [UInt8](repeating: 1, count: 63))) == "too-small")
  }

  @Test("a PNG of 60,000 x 60,000 costs nothing")
  func bomb() throws {
    let image = try #require(try ImageVectors.read().first { $0.name == "gray.png" })
    var file = [UInt8](image.file)
    // The header's sides and its checksum, by the CRC of ISO 3309.
    let side: [UInt8] = [0, 0, 0xEA, 0x60]
    file.replaceSubrange(16..<24, with: side + side)
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in file[12..<29] {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    crc ^= 0xFFFF_FFFF
    file.replaceSubrange(
      29..<33, with: (0..<4).map { UInt8(truncatingIfNeeded: crc >> (24 - 8 * $0)) })
    #expect(
      decoder.decode(file, maxPixels: SampleConfiguration.defaultMaxPixels)
        == .failure(.init(reason: .tooLarge, detail: "60000 x 60000 pixels")))
  }

  @Test("a file cut at every tenth is truncated, never half a picture")
  func cut() throws {
    for name in ["plain.jpg", "progressive.jpg", "rgb.png", "rgb.bmp", "rgb.ppm", "lossless.webp"] {
      let image = try #require(try ImageVectors.read().first { $0.name == name })
      let file = [UInt8](image.file)
      for tenth in 1..<10 {
        let reason = reason(Array(file.prefix(file.count * tenth / 10)))
        #expect(
          reason == "truncated" || (tenth == 1 && reason == "not-an-image"),
          "\(name) at \(tenth)0 %: \(reason)")
      }
    }
  }

  @Test("a damaged file is damaged, not truncated")
  func damaged() throws {
    let image = try #require(try ImageVectors.read().first { $0.name == "rgb.png" })
    var file = [UInt8](image.file)
    // A byte of the compressed pixels: the chunk's checksum no longer fits.
    file[60] ^= 0xFF
    #expect(reason(file) == "damaged")
  }

  @Test(
    "real photographs give libvips and libjpeg-turbo the same bytes",
    .enabled(if: Surroundings.hasRealData, "needs real data"))
  func jpegAgrees() throws {
    var compared = 0
    for folder in [Surroundings.lfw, Surroundings.cfp] {
      let files = (FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? [])
        .filter { $0.hasSuffix(".jpg") }.sorted()
      for file in stride(from: 0, to: files.count, by: 50).map({ files[$0] }) {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)")))
        guard let direct = decoder.decodePlainJPEG(bytes, maxPixels: 100_000_000) else { continue }
        compared += 1
        let vips = try decoder.decodeWithVips(bytes, maxPixels: 100_000_000).get()
        let isSame = direct == vips
        #expect(isSame, "\(file)")
      }
    }
    #expect(compared > 390)
  }

  @Test("a file is cut when its end is missing, whatever stands in its head")
  func cutFiles() {
    let gif = Array("GIF89a".utf8) + [1, 0, 1, 0, 0, 0, 0, 0x2C]
    #expect(Truncation.isCut(gif) && !Truncation.isCut(gif + [0x3B]))
    // A thumbnail in the head has an end marker of its own.
    let thumbnail: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE1, 0, 6, 0xFF, 0xD8, 0xFF, 0xD9]
    let frame: [UInt8] = [0xFF, 0xC0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0]
    let scan: [UInt8] = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 63, 0, 1, 2, 3]
    #expect(Truncation.isCut(thumbnail + frame + scan))
    #expect(!Truncation.isCut(thumbnail + frame + scan + [0xFF, 0xD9]))
  }
}
