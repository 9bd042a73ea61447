import Catalog
import Foundation
import Shards
import TestSupport
import Testing

@testable import Maintenance

@Suite("The pages of hashes")
struct HashPagesTests {
  @Test("have every shard once, in order, whatever its number", arguments: [1, 2, 3, 5, 256])
  func pages(shardsAtOnce: Int) throws {
    let scratch = try TemporaryFolder()
    let folder = StoreFolder(path: scratch.file("out"))
    try FileManager.default.createDirectory(
      atPath: folder.shards, withIntermediateDirectories: true)
    let catalog = try Catalog.openOrCreate(folder)
    try catalog.add(DatasetRecord(name: "folder", root: scratch.file("faces")))
    let numbers = [0, 1, 4, 5, 9]
    for number in numbers {
      let digest = String(repeating: "\(number)", count: 64)
      try catalog.add(
        ShardRecord(
          number: number, dataset: "folder", sha256: digest, byteCount: 1, samples: 2, rejections: 0
        ),
        samples: (0..<2).map { row in
          Sample(
            dataset: "folder", identity: "p", pose: nil, number: nil,
            path: "p/\(number)-\(row).pgm", sha256: digest, file: FileStamp(bytes: 1, modified: 1),
            width: 8, height: 8, shard: number, row: row, pixelsSHA256: digest,
            perceptualHash: UInt64(number) << 60 | UInt64(row))
        }, rejections: [])
    }
    var pages = HashPages(catalog, shardsAtOnce: shardsAtOnce)
    var found: [ShardHashes] = []
    while let page = try pages.next() {
      #expect(page.count <= shardsAtOnce)
      found += page
    }
    #expect(found.map(\.shard) == numbers)
    #expect(found.map(\.hashes) == numbers.map { [UInt64($0) << 60, UInt64($0) << 60 | 1] })
  }
}
