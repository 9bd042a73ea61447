import Catalog
import Foundation
import Randomness
import TestSupport

@testable import Pairs

/// A table of identities with the given numbers of samples; ids count from 0.
func table(_ counts: [Int]) -> SampleTable {
  var table = SampleTable()
  var id = 0
  for (index, count) in counts.enumerated() {
    for _ in 0..<count {
      table.append(id, dataset: "d", identity: "p\(index)")
      id += 1
    }
  }
  return table
}

func owners(_ table: SampleTable) -> [Int: String] {
  var owners: [Int: String] = [:]
  for identity in table.identities {
    for position in identity.samples { owners[table.ids[position]] = identity.name }
  }
  return owners
}

/// Catalogs of random sizes, the same every time.
let randomCounts: [[Int]] = (0..<20).map { index in
  var random = RandomStream(seed: index, "catalog")
  return (0..<2 + random.index(below: 40)).map { _ in 1 + random.index(below: 9) } + [2, 3]
}

/// An image to stand in a catalog.
struct TestImage {
  var dataset = "lfw"
  let identity: String
  var pose: String?
  let number: Int
  let path: String
  /// What the file's bytes and pixels hash to; images with the same text are copies.
  var content: String?
}

/// Every image of LFW, from its list of names in the real data.
func lfwImages() throws -> [TestImage] {
  let names = try String(
    contentsOfFile: "\(Surroundings.data)/lfw-protocol/lfw-names.txt", encoding: .utf8)
  return names.split(whereSeparator: \.isNewline).flatMap { line in
    let fields = line.split(separator: "\t")
    return (1...(Int(fields[1]) ?? 1)).map { number in
      let image = NamedImage(name: String(fields[0]), number: number)
      return TestImage(identity: image.name, number: number, path: image.path)
    }
  }
}

/// The errata of LFW from its manifest: the person that each image shows.
func lfwErrata() throws -> [String: String] {
  let manifest = try String(
    contentsOfFile: "\(Surroundings.root)/manifests/datasets/lfw.yaml", encoding: .utf8)
  let section = manifest.split(separator: "errata:\n")[1].split(separator: "\nlicence:")[0]
  return Dictionary(
    uniqueKeysWithValues: section.split(separator: "\n").map { line in
      let halves = line.split(separator: ": ")
      return (halves[0].trimmingCharacters(in: .whitespaces), String(halves[1]))
    })
}

/// A real catalog with rows for images that need not exist: protocols read no pixels.
func catalog(_ images: [TestImage], in scratch: TemporaryFolder) throws -> Catalog {
  let catalog = try Catalog.openOrCreate(StoreFolder(path: scratch.path))
  for dataset in Set(images.map(\.dataset)).sorted() {
    try catalog.add(
      DatasetRecord(name: dataset, root: scratch.file(dataset), protocols: dataset))
  }
  var number = 0
  for (dataset, images) in Dictionary(grouping: images, by: \.dataset).sorted(by: {
    $0.key < $1.key
  }) {
    for start in stride(from: 0, to: images.count, by: Catalog.shardCapacity) {
      let part = images.dropFirst(start).prefix(Catalog.shardCapacity)
      let digest = String(repeating: "0", count: 64)
      try catalog.add(
        ShardRecord(
          number: number, dataset: dataset, sha256: digest, byteCount: 1, samples: part.count,
          rejections: 0),
        samples: part.enumerated().map { row, image in
          var hash = RandomStream(seed: 0, image.content ?? image.dataset + image.path)
          let bits = hash.next()
          let text = String(bits, radix: 16)
          let content = String(repeating: "0", count: 64 - text.count) + text
          return Sample(
            dataset: dataset, identity: image.identity, pose: image.pose, number: image.number,
            path: image.path, sha256: content, file: FileStamp(bytes: 1, modified: 0), width: 250,
            height: 250, shard: number, row: row,
            pixelsSHA256: content, perceptualHash: bits)
        }, rejections: [])
      number += 1
    }
  }
  // What a search for duplicates finds, which needs the pixels.
  var evidence = DuplicateEvidence()
  var first: [String: Int] = [:]
  try catalog.forEachSample { sample in
    if let earlier = first[sample.sha256] {
      evidence.same.append(DuplicateLink(kind: .file, later: sample.id, earlier: earlier))
    } else {
      first[sample.sha256] = sample.id
    }
  }
  for shard in 0..<number {
    evidence.firsts[shard] = RowBits(count: Catalog.shardCapacity, repeating: true)
  }
  try catalog.add(evidence)
  return catalog
}
