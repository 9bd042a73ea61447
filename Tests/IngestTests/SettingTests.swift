import Catalog
import Configuration
import Foundation
import IngestTestSupport
import TestSupport
import Testing

@testable import Datasets
@testable import Imaging
@testable import Ingest

/// Settings of an ingest, what they cause, and what dlib and libvips do with strange pictures.
@Suite("A setting of an ingest")
struct SettingTests {
  private var fixture: IngestFixture

  init() throws {
    fixture = try IngestFixture()
  }

  @Test("that rejects all of the first files stops the run and leaves no store")
  func allRejected() async throws {
    for number in 0..<5 { try fixture.add(number, to: "faces/p/\(number).pgm") }
    var wrong = fixture
    wrong.configuration = SampleConfiguration(
      width: 9, height: 9, color: .gray, resample: .decimate)
    #expect(await wrong.failure { try await wrong.ingest() } == "allRejected")
    #expect(!FileManager.default.fileExists(atPath: fixture.store.path))
    // The corrected command works.
    #expect(try await fixture.ingest().samples == 5)
    // A store that has something stays, whatever is rejected later.
    for number in 0..<5 {
      try fixture.scratch.write(Array("P5\n99999 99999\n255\n".utf8), to: "faces/q/\(number).pgm")
    }
    #expect(try await fixture.ingest().rejections == 5)
  }

  @Test("does not count as the cause when the files themselves are bad")
  func badFiles() async throws {
    for number in 0..<5 { try fixture.scratch.write([1, 2, 3], to: "faces/p/\(number).pgm") }
    #expect(try await fixture.ingest().rejections == 5)
    #expect(fixture.store.exists)
  }

  @Test("says which size decimation cannot take to the sample's")
  func decimation() throws {
    try fixture.add(1, to: "orl/s1/1.pgm", side: 64)
    let scan = try fixture.scan("orl")
    #expect(scan.manifest.name == "orl")
    #expect(try scan.sizeThatCannotBeDecimated(scan.manifest.sample) == "64x64")
    var half = scan.manifest.sample
    (half.width, half.height) = (32, 32)
    #expect(try scan.sizeThatCannotBeDecimated(half) == nil)
    half.crop = .dlib
    #expect(try scan.sizeThatCannotBeDecimated(half) != nil)
    half.crop = .center
    half.cropFactor = 0.5
    #expect(try scan.sizeThatCannotBeDecimated(half) == nil)
    half.cropFactor = 0.4
    #expect(try scan.sizeThatCannotBeDecimated(half) == "26x26")
  }

  @Test("fits pictures of another proportion by stretching, cropping or padding")
  func fits() throws {
    // 20 x 10: the left half black, the right half white.
    let wide = Image(
      width: 20, height: 10, channels: 1,
      pixels: (0..<200).map { $0 % 20 < 10 ? 0 : 255 })
    func pixels(_ fit: SampleConfiguration.Fit) throws -> [UInt8] {
      try Resampler(width: 8, height: 8, method: .bilinear, fit: fit).resample(wide).get().pixels
    }
    let stretched = try pixels(.stretch)
    #expect(stretched[0] == 0 && stretched[7] == 255)
    let cropped = try pixels(.crop)
    #expect(cropped[0] == 0 && cropped[7] == 255)
    // The middle 10 of 20 columns alone, so that the edge between black and white is as sharp as the
    // height is resampled.
    let middle = try Resampler(width: 8, height: 8, method: .bilinear).resample(
      wide.cropped(left: 5, top: 0, width: 10, height: 10)
    ).get().pixels
    #expect(cropped == middle)
    let padded = try pixels(.pad)
    // 8 x 4 in the middle of 8 x 8.
    #expect(padded[0..<16].allSatisfy { $0 == 0 } && padded[48..<64].allSatisfy { $0 == 0 })
    #expect(padded[23] == 255 && padded[16] == 0)
    // A picture of the sample's own proportion is the same whatever is asked for.
    let square = Image(
      width: 16, height: 16, channels: 1, pixels: (0..<256).map { UInt8($0) })
    for fit in SampleConfiguration.Fit.allCases {
      #expect(
        try Resampler(width: 8, height: 8, method: .lanczos, fit: fit).resample(square).get()
          == Resampler(width: 8, height: 8, method: .lanczos).resample(square).get())
    }
  }

  @Test("counts the pictures that were stretched")
  func countsStretched() async throws {
    try fixture.add(1, to: "faces/p/1.pgm")
    try fixture.scratch.write(
      Array("P5\n20 16\n255\n".utf8) + [UInt8](repeating: 9, count: 320), to: "faces/p/2.pgm")
    #expect(try await fixture.ingest().stretched == 1)
  }

  @Test("that dlib cannot follow makes a rejection, not a picture of old memory or no face")
  func dlibFails() throws {
    // Two channels are none that dlib's chip has.
    let strange = Image(
      width: 8, height: 8, channels: 2, pixels: [UInt8](repeating: 7, count: 128))
    let turned = Crop(left: 0, top: 0, side: 8, angle: 0.2)
    #expect(throws: ImageFailure.self) { try strange.cropped(turned).get() }
    do throws(ImageFailure) { _ = try strange.cropped(turned).get() } catch {
      #expect(error.reason == .dlibFailed)
    }
    let empty = Image(width: 0, height: 0, channels: 1, pixels: [])
    guard case .failure(let failure) = try FaceFinder(nil).find(empty) else {
      Issue.record("faces were looked for in no picture")
      return
    }
    #expect(failure.reason == .dlibFailed)
  }

  @Test("of the manifest that finds no name of an identity rejects the file and goes on")
  func noIdentity() async throws {
    let yaml = """
      name: mine
      title: Mine
      pattern: "x{identity:[a-z]*}_{number:[0-9]+}.pgm"
      extensions: [pgm]
      sample: {size: 16, color: gray, resample: lanczos}
      """
    let mine = try DatasetManifest(yaml: yaml, path: "mine.yaml")
    try fixture.add(1, to: "flat/xann_1.pgm")
    try fixture.add(2, to: "flat/x_1.pgm")
    let scan = try SourceScan(
      root: fixture.scratch.file("flat"), dataset: mine, manifests: fixture.manifests)
    let summary = try await IngestRun(
      scans: [scan], configuration: fixture.configuration, options: IngestOptions(),
      progress: { _, _ in }
    ).run(into: fixture.store)
    #expect(summary.samples == 1 && summary.rejections == 1)
    #expect(try fixture.catalog().rejectionCounts() == [.noIdentity: 1])
  }

  @Test("of a manifest with a name that no file may have is refused")
  func names() {
    for name in ["a/b", "..", "", "a b", "x\\ny", ".hidden"] {
      let yaml = """
        name: "\(name)"
        title: T
        pattern: "{identity}/{any}.jpg"
        extensions: [jpg]
        sample: {size: 8, color: gray, resample: lanczos}
        """
      #expect(throws: ConfigurationError.self, "\(name)") {
        try DatasetManifest(yaml: yaml, path: "m.yaml")
      }
    }
  }

  @Test("of a manifest that is no YAML, or no value of its kind, is blamed in a user's words")
  func manifestErrors() {
    func reason(_ yaml: String) -> String {
      do throws(ConfigurationError) {
        _ = try DatasetManifest(yaml: yaml, path: "m.yaml")
        return ""
      } catch {
        return error.reason
      }
    }
    let good = """
      name: m
      title: T
      pattern: "{identity}/{any}.jpg"
      extensions: [jpg]
      sample: {size: 8, color: gray, resample: lanczos}
      """
    #expect(reason(good) == "")
    #expect(reason("name: [").hasPrefix("line 2, column 1: it is not YAML"))
    #expect(
      reason(good + "\nexpeced: {samples: 1, identities: 1}").contains("did you mean expected?"))
    #expect(reason(good.replacing("gray", with: "grey")).contains("did you mean gray?"))
    #expect(reason(good.replacing("lanczos", with: "lancos")).contains("did you mean lanczos?"))
    #expect(
      reason(good.replacing("[jpg]", with: "jpg"))
        == "extensions: it must be a list, not text")
    #expect(reason(good.replacing("title: T\n", with: "")) == "it lacks title")
    for text in [good.replacing("[jpg]", with: "jpg"), good.replacing("gray", with: "[1]")] {
      for word in ["Array", "String", "Node", "Scalar", "Color", "Dictionary"] {
        #expect(!reason(text).contains(word), "\(reason(text))")
      }
    }
  }

  @Test("about memory holds for all workers together")
  func budget() async {
    let budget = PixelBudget(limit: 100)
    final class Peak: @unchecked Sendable {
      let lock = NSLock()
      var now = 0
      var most = 0
      func add(_ pixels: Int) {
        lock.withLock {
          now += pixels
          most = max(most, now)
        }
      }
    }
    let peak = Peak()
    await withTaskGroup(of: Void.self) { group in
      for index in 0..<24 {
        let pixels = index % 8 == 0 ? 500 : 40
        group.addTask {
          await withCheckedContinuation { continuation in
            Thread.detachNewThread {
              budget.withPixels(pixels) {
                peak.add(pixels)
                usleep(2_000)
                peak.add(-pixels)
              }
              continuation.resume()
            }
          }
        }
      }
    }
    // One that is larger than the limit is alone.
    #expect(peak.most == 500 && peak.now == 0)
    // Two small ones fit, three do not.
    let small = Peak()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<12 {
        group.addTask {
          await withCheckedContinuation { continuation in
            Thread.detachNewThread {
              budget.withPixels(40) {
                small.add(40)
                usleep(5_000)
                small.add(-40)
              }
              continuation.resume()
            }
          }
        }
      }
    }
    #expect(small.most == 80)
  }

  @Test("about OS/2's bitmaps reads sides of 16 bits, and sees a bomb")
  func bitmaps() throws {
    // BITMAPCOREHEADER: 12 bytes, 16-bit width and height, 24 bits a pixel, rows from below.
    func bitmap(width: UInt16, height: UInt16, pixels: [UInt8]) -> [UInt8] {
      func little(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      }
      let header =
        little(12, 4) + little(Int(width), 2) + little(Int(height), 2) + little(1, 2)
        + little(24, 2)
      return Array("BM".utf8) + little(26 + pixels.count, 4) + little(0, 4) + little(26, 4) + header
        + pixels
    }
    let decoder = try ImageDecoder()
    // 8 x 9 pixels, blue.
    let sound = bitmap(
      width: 8, height: 9, pixels: (0..<72).flatMap { _ in [UInt8(200), 10, 20] })
    let picture = try decoder.decode(sound, maxPixels: 1_000).get()
    #expect(picture.width == 8 && picture.height == 9)
    #expect(Array(picture.pixels.prefix(3)) == [20, 10, 200])
    switch decoder.decode(bitmap(width: 60_000, height: 60_000, pixels: []), maxPixels: 1_000) {
    case .success: Issue.record("a bomb was decoded")
    case .failure(let failure): #expect(failure.reason == .tooLarge)
    }
  }

  @Test("that rejects one folder's few files does not end a run that takes another's")
  func secondFolder() async throws {
    var mixed = fixture
    mixed.configuration = SampleConfiguration(
      width: 8, height: 8, color: .gray, resample: .decimate)
    for number in 0..<3 { try fixture.add(number, to: "bad/p\(number)/1.pgm", side: 9) }
    for number in 0..<3 { try fixture.add(number, to: "good/q\(number)/1.pgm", side: 16) }
    let summary = try await mixed.ingest("bad", "good")
    #expect(summary.samples == 3 && summary.rejections == 3)
  }

  @Test("is judged by the first shard, whichever is made first")
  func firstShard() async throws {
    // The pictures of the first shard are large and fit; the second's are small and do not.
    var mixed = fixture
    mixed.configuration = SampleConfiguration(
      width: 8, height: 8, color: .gray, resample: .decimate)
    for number in 0..<Catalog.shardCapacity {
      try fixture.add(number % 7, to: "faces/a\(number / 64)/\(number).pgm", side: 320)
      try fixture.add(number % 7, to: "faces/b\(number / 64)/\(number).pgm", side: 9)
    }
    let summary = try await mixed.ingest { $0.jobs = 3 }
    #expect(summary.samples == 1_024 && summary.rejections == 1_024)
  }
}
