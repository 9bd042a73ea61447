import Catalog
import Foundation
import IngestTestSupport
import Randomness
import Testing

@testable import Imaging
@testable import Ingest
@testable import Maintenance

/// The hashes of images and the index over them.
@Suite("A perceptual hash")
struct PerceptualHashTests {
  @Test("in an index finds exactly the hashes within six bits, once each")
  func index() {
    var random = RandomStream(seed: 3, "hashes")
    let centres = (0..<40).map { _ in random.next() }
    // Each differs from a centre in 0 to 12 bits, anywhere.
    let hashes = (0..<600).map { number -> UInt64 in
      var hash = centres[number % 40]
      for bit in random.distinct(number % 13, below: 64) { hash ^= 1 << UInt64(bit) }
      return hash
    }
    let others = (0..<300).map { number -> UInt64 in
      var hash = centres[number % 40]
      for bit in random.distinct(number % 7, below: 64) { hash ^= 1 << UInt64(bit) }
      return hash
    }
    var found: [[Int]] = []
    let index = HashIndex(hashes)
    index.forEachNear(others, limit: Catalog.nearDistance) {
      found.append([$0.other, $0.place, $0.distance])
      return true
    }
    var expected: [[Int]] = []
    for (other, one) in others.enumerated() {
      for (place, two) in hashes.enumerated() {
        let distance = (one ^ two).nonzeroBitCount
        if distance <= 6 { expected.append([other, place, distance]) }
      }
    }
    #expect(expected.count > 1_000 && expected.contains { $0[2] == 6 })
    #expect(
      found.sorted { $0.lexicographicallyPrecedes($1) }
        == expected.sorted { $0.lexicographicallyPrecedes($1) })
    // All or none, so that memory stays bounded.
    let kept = index.near(others, limit: Catalog.nearDistance, maxCount: expected.count)
    #expect(kept?.map { [$0.other, $0.place, $0.distance] } == found)
    #expect(index.near(others, limit: Catalog.nearDistance, maxCount: expected.count - 1) == nil)
  }

  /// A picture of 32 x 32 of cosines: all have the same signs, and so the same hash, and the seed
  /// decides which of them are strong.
  private func cosines(_ seed: Int) -> [UInt8] {
    var sizes = RandomStream(seed: seed, "sizes")
    var sum = [Double](repeating: 0, count: 1_024)
    for u in 1...8 {
      for v in 1...8 {
        // As many above the median, 0, as below it.
        let sign: Double = (u + v).isMultiple(of: 2) ? -1 : 1
        let size = sign * (sizes.uniform() < 0.1 ? 16 : 2.5)
        for place in 0..<1_024 {
          let (y, x) = place.quotientAndRemainder(dividingBy: 32)
          sum[place] +=
            size * cos(.pi * Double(u * (2 * x + 1)) / 64) * cos(.pi * Double(v * (2 * y + 1)) / 64)
        }
      }
    }
    return Array("P5\n32 32\n255\n".utf8) + sum.map { UInt8(min(255, max(0, 128 + $0))) }
  }

  @Test("does not make two images duplicates whose pixels differ")
  func sameHash() async throws {
    let fixture = try IngestFixture()
    var large = fixture
    large.configuration = SampleConfiguration(
      width: 32, height: 32, color: .gray, resample: .lanczos)
    try fixture.scratch.write(cosines(1), to: "faces/a/1.pgm")
    try fixture.scratch.write(cosines(2), to: "faces/b/1.pgm")
    try await large.ingest()
    let hashes = try #require(try fixture.catalog().hashes(ofShard: 0))
    #expect((hashes[0] ^ hashes[1]).nonzeroBitCount <= Catalog.nearDistance)
    #expect(try fixture.catalog().duplicatePairs().isEmpty)
  }

  @Test("has the bits of its frequencies above the median, half of them")
  func median() throws {
    var random = RandomStream(seed: 9, "noise")
    for _ in 0..<20 {
      let noise = (0..<1_024).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      #expect(PerceptualHash.hash(noise).nonzeroBitCount == 32)
    }
  }
}
