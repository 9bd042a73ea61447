import CDlibTraining
import Foundation
import GRDB
import SyntheticFaces
import TestSupport
import Testing

/// `prep ingest --crop dlib --landmarks FILE`, with a small predictor that is trained here.
@Suite("Landmarks at the command line")
struct LandmarkCommandTests {
  private let scratch: TemporaryFolder

  init() throws {
    scratch = try TemporaryFolder()
  }

  private var store: String { scratch.file("out") }

  /// Trains a predictor of five points on drawn faces; the box is the median of those dlib's detector
  /// finds on them.
  private func train(_ name: String, seed: Int, people: Int) throws -> String {
    let set = FaceSet(seed: seed)
    var (pictures, points): ([UInt8], [Double]) = ([], [])
    for person in 1...people {
      for picture in 1...4 {
        pictures += set.pixels(person: person, picture: picture)
        let eyes = set.eyes(person: person, picture: picture)
        let nose = (x: (eyes[0].x + eyes[1].x) / 2, y: (eyes[0].y + eyes[1].y) / 2)
        for point in [eyes[1], eyes[1], eyes[0], eyes[0], nose] { points += [point.x, point.y] }
      }
    }
    let path = scratch.file(name)
    let code = cdlibtraining_train(
      pictures, Int32(4 * people), Int32(FaceSet.width), Int32(FaceSet.height), points, 5, 13, 36,
      69,
      path)
    try #require(code == 0)
    return path
  }

  @Test("are stored with every crop, near the eyes that were drawn, and belong to the store")
  func stores() throws {
    let (faces, set) = (scratch.file("faces"), FaceSet(seed: 3))
    try set.write(to: faces, people: 6, pictures: 2)
    let file = try train("five.dat", seed: 7, people: 20)
    func ingest(_ landmarks: String?) throws -> Tool.Outcome {
      try Tool.prep.run(
        all: ["ingest", faces, "--out", store, "--size", "48", "--color", "gray", "--crop", "dlib"]
          + (landmarks.map { ["--landmarks", $0] } ?? []))
    }
    let outcome = try ingest(file)
    #expect(outcome.code == 0, "\(outcome.error)")
    let rows = try DatabaseQueue(path: "\(store)/catalog.sqlite").read {
      try Row.fetchAll($0, sql: "SELECT path, faces, landmarks FROM crops ORDER BY path")
    }
    #expect(rows.count == 12)
    var near = 0
    for row in rows where (row["faces"] as Int) > 0 {
      let points = try JSONDecoder().decode(
        [[Double]].self, from: Data((row["landmarks"] as String).utf8))
      try #require(points.count == 5 && points.allSatisfy { $0.count == 2 })
      let numbers = (row["path"] as String).split { !$0.isNumber }.compactMap { Int($0) }
      let eyes = set.eyes(person: numbers[0], picture: numbers[1])
      let (left, right) = (points[2], points[0])
      let far = max(
        abs(left[0] - eyes[0].x), abs(left[1] - eyes[0].y), abs(right[0] - eyes[1].x),
        abs(right[1] - eyes[1].y))
      if far < 10 { near += 1 }
    }
    #expect(near >= 9, "of 12 pictures \(near) have landmarks at the eyes")
    // Other landmarks, or none, would make other pixels.
    let other = try ingest(try train("other.dat", seed: 8, people: 10))
    #expect(other.code == 1 && other.error.contains("another configuration"), "\(other.error)")
    let none = try ingest(nil)
    #expect(none.code == 1 && none.error.contains("landmarks"), "\(none.error)")
    let missing = try ingest(scratch.file("missing.dat"))
    #expect(missing.code == 1 && missing.error.contains("landmarks file"), "\(missing.error)")
  }
}
