import CDlib
import CTurboJPEG
import Foundation
import TestSupport
import Testing

@testable import Ingest

@Suite("Decoding")
struct DecodingTests {
  init() throws {
    try ImageDecoder.start()
  }

  private func reason(_ bytes: [UInt8], maxPixels: Int = 1_000_000) -> String {
    switch ImageDecoder.decode(bytes, maxPixels: maxPixels) {
    case .success: "decoded"
    case .failure(let failure): failure.reason.rawValue
    }
  }

  private func pgm(_ header: String, _ data: [UInt8]) -> [UInt8] { Array(header.utf8) + data }

  @Test("reads PGM of both kinds, with comments, as the bytes that stand in it")
  func readsPGM() throws {
    let data: [UInt8] = [0, 1, 127, 128, 254, 255]
    for file in [
      pgm("P5\n3 2\n255\n", data), pgm("P5 # a comment\n3 2\n255\n", data),
      pgm("P2\n3 2\n255\n0 1 127 128 254 255\n", []),
    ] {
      let picture = try ImageDecoder.decode(file, maxPixels: 100).get()
      #expect(picture == Picture(width: 3, height: 2, channels: 1, pixels: data))
    }
  }

  @Test("rejects what is no image, with the reason")
  func rejects() {
    let random = (0..<500).map { UInt8(truncatingIfNeeded: $0 &* 197 &+ 13) }
    #expect(reason([]) == "empty")
    #expect(reason(random) == "not-an-image")
    #expect(reason(pgm("P5\n3 2\n255\n", [1, 2])) == "damaged")
    #expect(reason(pgm("P5\n90000 90000\n255\n", [1])) == "too-large")
  }

  @Test(
    "a JPEG gives libvips and libjpeg-turbo the same bytes",
    .enabled(if: Surroundings.hasRealData, "needs real data"))
  func jpegAgrees() throws {
    let path = "\(Surroundings.lfw)/Aaron_Eckhart/Aaron_Eckhart_0001.jpg"
    let file = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let picture = try ImageDecoder.decode(file, maxPixels: 1_000_000).get()
    var header = CTurboJPEGHeader()
    #expect(cturbojpeg_read_header(file, file.count, &header) == 0)
    #expect(header.width == 250 && header.height == 250 && header.channels == 3)
    var pixels = [UInt8](repeating: 0, count: 250 * 250 * 3)
    #expect(cturbojpeg_decode(file, file.count, 3, &pixels) == 0)
    #expect(picture.pixels == pixels)
    #expect(reason(Array(file.prefix(file.count / 2))) == "damaged")
  }

  @Test(
    "dlib finds the face of a photograph, and none in noise",
    .enabled(if: Surroundings.hasRealData, "needs real data"))
  func findsFaces() throws {
    let path = "\(Surroundings.lfw)/Aaron_Eckhart/Aaron_Eckhart_0001.jpg"
    let file = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let gray = try ImageDecoder.decode(file, maxPixels: 1_000_000).get().converted(to: .gray)
    let detector = try #require(cdlib_detector_create())
    defer { cdlib_detector_destroy(detector) }
    var faces = [CDlibFace](repeating: CDlibFace(), count: 4)
    #expect(cdlib_detect(detector, gray.pixels, 250, 250, 0, &faces, 4) == 1)
    // The picture was cut around the face: LFW centres it.
    #expect(abs(faces[0].left + faces[0].width / 2 - 125) < 25)
    let noise = [UInt8](repeating: 90, count: 250 * 250)
    #expect(cdlib_detect(detector, noise, 250, 250, 0, &faces, 4) == 0)
    #expect(cdlib_detect(detector, noise, 0, 250, 0, &faces, 4) == -1)
  }
}
