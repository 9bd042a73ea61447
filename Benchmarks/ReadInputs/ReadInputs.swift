import Catalog
import Foundation
import Neural
import Randomness
import Shards
import Train

/// `read-inputs STORE stream`: prints how many images a second one thread reads in shuffled order, in
/// batches of 64, as the thread of a training does.
///
/// `read-inputs STORE THREADS`: prints for every way of normalising and augmenting how many images a
/// second become rows of a tower's input, beside a plain loop over the bytes.
@main
enum ReadInputs {
  private static let rows = 256
  private static let seconds = 2.0

  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst()
    if arguments.count == 2, arguments.last == "stream" {
      return try stream(arguments.first ?? "")
    }
    guard arguments.count == 2, let threads = arguments.last.flatMap({ Int($0) }) else {
      fatalError("usage: read-inputs STORE THREADS|stream")
    }
    _ = try Machine.start(threads: threads)
    let catalog = try Catalog.openOrCreate(StoreFolder(path: arguments.first ?? ""))
    var ids: [Int] = []
    try catalog.forEachSample { ids.append($0.id) }
    let batches = (0..<64).map { batch -> [Int] in
      var random = RandomStream(seed: 0, "benchmark", batch)
      return (0..<rows).map { _ in ids[random.index(below: ids.count)] }
    }
    let shape = try plain(catalog, batches)
    let kinds = ["unit", "symmetric", "fixed-symmetric", "standardize", "lcn", "zca"]
    for kind in kinds where kind != "zca" || shape.byteCount <= 4_096 {
      try measure("\(kind): {}", "[]", catalog, shape, ids, batches)
    }
    try measure("unit: {}", "[koch-affine: {}]", catalog, shape, ids, batches)
  }

  /// Epochs over all samples in shuffled order; each sample is read from its shard and written as 32-bit
  /// floats.
  private static func stream(_ store: String) throws {
    _ = try Machine.start(threads: 1)
    Machine.computeOnThisThreadOnly()
    let stores = StoreSet([try Catalog.open(StoreFolder(path: store))])
    let shape = try stores.shape()
    var ids: [Int] = []
    try stores.catalogs[0].forEachSample { ids.append($0.id) }
    let batch = 64
    let reader = try BatchReader(
      stores, recipe: recipe("unit: {}", "[]", shape), rows: batch)
    try reader.fit([])
    let target = FloatBuffer(count: batch * shape.byteCount)
    for epoch in 0..<4 {
      var random = RandomStream(seed: 0, "stream", epoch)
      let order = ids.shuffled(using: &random)
      let start = DispatchTime.now().uptimeNanoseconds
      for first in stride(from: 0, to: order.count, by: batch) {
        let items = order[first..<min(first + batch, order.count)].enumerated()
          .map { (id: $0.element, row: $0.offset) }
        try reader.read(items, to: target, augmentedAt: nil)
      }
      let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
      // The first epoch opens the shards and checks their hashes.
      print("epoch \(epoch + 1)\t\(Int(Double(order.count) / seconds))")
    }
  }

  /// The best rate at which `read` goes through the batches: on a shared machine the others say how
  /// busy it was.
  private static func rate(
    _ name: String, _ batches: [[Int]], _ read: (Int, [Int]) throws -> Void
  ) rethrows {
    for (number, batch) in batches.enumerated() { try read(number, batch) }
    func now() -> Double { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }
    let end = now() + seconds
    var best = Double.infinity
    while now() < end {
      for (number, batch) in batches.enumerated() {
        let start = now()
        try read(number, batch)
        best = min(best, now() - start)
      }
    }
    print("\(name)\t\(Int(Double(rows) / best))")
  }

  private static func plain(_ catalog: Catalog, _ batches: [[Int]]) throws -> SampleShape {
    var shards: [Int: ShardReader] = [:]
    for number in try catalog.shardDigests().keys {
      shards[number] = try ShardReader(path: catalog.folder.shard(number))
    }
    guard let shape = shards.values.first?.shape else { fatalError("the store is empty") }
    let target = FloatBuffer(count: rows * shape.byteCount)
    try rate("a plain loop over the bytes", batches) { _, batch in
      for (row, id) in batch.enumerated() {
        let start = target.start + row * shape.byteCount
        try shards[id / Catalog.shardCapacity]?.withSample(id % Catalog.shardCapacity) { bytes in
          for (index, byte) in bytes.enumerated() { start[index] = Float(byte) * (1 / 255) }
        }
      }
    }
    return shape
  }

  private static func measure(
    _ normalization: String, _ augmentation: String, _ catalog: Catalog, _ shape: SampleShape,
    _ ids: [Int], _ batches: [[Int]]
  ) throws {
    let recipe = try recipe(normalization, augmentation, shape)
    let reader = try BatchReader(StoreSet([catalog]), recipe: recipe, rows: rows)
    let start = DispatchTime.now().uptimeNanoseconds
    try reader.fit(ids)
    let fitted = Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9
    let target = FloatBuffer(count: rows * shape.byteCount)
    let name = augmentation == "[]" ? normalization : augmentation
    try rate("\(name), fitted in \(String(format: "%.1f", fitted)) s", batches) { number, batch in
      try reader.read(
        batch.enumerated().map { (id: $0.element, row: $0.offset) }, to: target,
        augmentedAt: Augmenter.Place(seed: 0, epoch: 0, step: number))
    }
  }

  private static func recipe(
    _ normalization: String, _ augmentation: String, _ shape: SampleShape
  ) throws -> Recipe {
    try Recipe.parse(
      yaml: """
        name: benchmark
        title: Inputs alone
        source: Own work
        datasets: []
        samples: {width: \(shape.width), height: \(shape.height), channels: \(shape.channels)}
        normalization: {\(normalization)}
        augmentation: \(augmentation)
        sampler: {balanced: {pairs-per-epoch: 2}}
        tower: [flatten: {}]
        loss: {contrastive: {margin: 1}}
        optimizer: {sgd: {rate: 1}}
        batch: 1
        epochs: 1
        """, path: "benchmark")
  }
}
