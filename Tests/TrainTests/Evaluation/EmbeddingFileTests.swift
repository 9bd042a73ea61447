import Catalog
import Evaluate
import Foundation
import Neural
import Pairs
import Randomness
import Shards
import TestSupport
import Testing

@testable import Train

/// Files of embeddings, of this project and of others.
@Suite("A file of embeddings", .serialized)
struct EmbeddingFileTests {
  private let faces: SmallFaces

  init() async throws { faces = try await SmallFaces() }

  /// The paths of all samples by id.
  private func paths() throws -> [Int: String] {
    var paths: [Int: String] = [:]
    try faces.catalog.forEachImage { paths[$0.id] = $0.path }
    return paths
  }

  /// Random embeddings of all samples, by path.
  private func random(length: Int = 3) throws -> [String: [Float]] {
    Dictionary(
      uniqueKeysWithValues: try paths().values.map { path in
        var random = RandomStream(seed: 1, path)
        return (path, (0..<length).map { _ in Float(random.normal()) })
      })
  }

  private func write(_ text: String, _ name: String) throws -> String {
    let path = faces.scratch.file(name)
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  private func read(_ path: String, list: String? = nil) throws -> EmbeddingSet {
    try EmbeddingFile.read(path, list: list, catalog: faces.catalog, distance: nil)
  }

  private func test(_ set: EmbeddingSet) throws -> ProtocolTest {
    try ProtocolTest(set, file: "file", catalog: faces.catalog, protocolName: "p")
  }

  @Test(
    "of a run gives the run's own figures to the bit",
    arguments: [
      "",
      "head: {weighted-difference: {}}\nloss: {binary-cross-entropy: {}}",
      "head: {weighted-distance: {distance: cosine}}\nloss: {binary-cross-entropy: {}}",
      "score: {joint-bayesian: {}}\nloss: {contrastive: {margin: 1}}",
    ])
  func roundTrip(more: String) throws {
    let recipe = try SmallFaces.recipe(loss: more)
    #expect(more.isEmpty || recipe.head != nil || recipe.score != nil)
    try faces.run("run", recipe)
    let folder = faces.folder("run")
    let own = try ProtocolTest(
      run: folder, recipe: recipe, catalog: faces.catalog, protocolName: "p")
    let all = try SampleTable(faces.catalog).ids
    let set = try Embedder(run: folder, recipe: recipe, catalog: faces.catalog).embeddings(of: all)
    let path = faces.scratch.file("e.safetensors")
    try EmbeddingFile.write(set, catalog: faces.catalog, to: path, facts: ["store": "s"])
    let read = try read(path)
    #expect(read.rule == set.rule && read.rows == set.rows && read.ids == set.ids)
    let foreign = try test(read)
    #expect(
      foreign.comparisons == own.comparisons
        && foreign.tuning?.comparisons == own.tuning?.comparisons)
    #expect(foreign.contamination == nil && own.contamination?.identities == 0)
  }

  // Trap: images matched by their place in a sorted listing shift with every missing or further file.
  @Test("is matched by path, in any order, and by id")
  func matched() throws {
    let random = try random()
    let ids = try paths()
    #expect(ids.count == 24)
    let header = "path,a,b,c\n"
    func line(_ name: String, _ path: String) -> String {
      "\(name)," + (random[path] ?? []).map { "\($0)" }.joined(separator: ",") + "\n"
    }
    let sorted = ids.sorted { $0.key < $1.key }
    let byPath = header + sorted.reversed().map { line($0.value, $0.value) }.joined()
    let byName = header + sorted.map { line("orl/\($0.value)", $0.value) }.joined()
    let byId = "id,a,b,c\r\n" + sorted.map { line("\($0.key)", $0.value) }.joined()
    let expected = try test(read(write(byPath, "a.csv"))).comparisons
    let dataset = try faces.catalog.datasets()[0]
    #expect(
      try test(read(write(byName.replacing("orl/", with: "\(dataset)/"), "b.csv"))).comparisons
        == expected)
    #expect(try test(read(write(byId, "c.csv"))).comparisons == expected)
    #expect(Set(expected.scores).count == expected.count)
  }

  @Test("in NumPy's format is matched by a list of paths", .enabled(if: Surroundings.hasPython))
  func numpy() throws {
    let random = try random()
    let names = try paths().sorted { $0.key < $1.key }.map(\.value)
    let csv =
      "path,a,b,c\n"
      + names.map { "\($0)," + (random[$0] ?? []).map { "\($0)" }.joined(separator: ",") }
      .joined(separator: "\n")
    let expected = try read(try write(csv, "a.csv"))
    let list = try write(names.joined(separator: "\n"), "paths.txt")
    func save(_ what: String, _ name: String) throws -> String {
      let path = faces.scratch.file(name)
      let outcome = try Tool(path: Surroundings.python).run(
        "-c",
        """
        import csv, sys, numpy
        rows = list(csv.reader(open(sys.argv[1])))[1:]
        x = numpy.array([[float(v) for v in row[1:]] for row in rows], dtype='float32')
        numpy.save(sys.argv[2], \(what), allow_pickle=True)
        """, faces.scratch.file("a.csv"), path)
      #expect(outcome.code == 0, "\(outcome.error)")
      return path
    }
    let single = try read(save("x", "x.npy"), list: list)
    #expect(single.rows == expected.rows && single.ids == expected.ids)
    #expect(try read(save("x.astype('float64')", "d.npy"), list: list).rows == expected.rows)
    // Without a list the rows are all samples in the order of their ids.
    #expect(try read(save("x", "x.npy")).ids == expected.ids)
    // Trap: an array of objects is a pickle, which runs code when it is loaded.
    for bad in [
      "numpy.array([{'a': 1}], dtype=object)", "numpy.asfortranarray(x)", "x[0]",
      "x.astype('int32')", "x[:, :0]",
    ] {
      let path = try save(bad, "bad.npy")
      #expect(throws: TrainError.self, "\(bad)") { try read(path, list: list) }
    }
  }

  // Trap: pairs of missing images are left out without a word, and folds shift.
  @Test("without all tested images is refused, and says which")
  func missing() throws {
    let random = try random()
    let csv =
      "path,a,b,c\n"
      + random.sorted { $0.key < $1.key }.filter { $0.key != "s7/2.pgm" }
      .map { "\($0.key)," + $0.value.map { "\($0)" }.joined(separator: ",") }
      .joined(separator: "\n")
    let set = try read(write(csv, "a.csv"))
    do {
      _ = try test(set)
      Issue.record("was accepted")
    } catch TrainError.missingEmbeddings(_, let count, let examples) {
      #expect(count == 1 && examples == ["s7/2.pgm"])
    }
  }

  @Test("is refused where it is wrong, with the line")
  func refuses() throws {
    func reason(_ text: String, _ name: String = "a.csv") throws -> String {
      do {
        _ = try read(write(text, name))
        return ""
      } catch TrainError.badEmbeddings(_, let reason) { return reason }
    }
    #expect(try reason("path,a\ns1/1.pgm,1\ns1/2.pgm,nan\n").contains("line 3: \"nan\""))
    #expect(try reason("path,a,b\ns1/1.pgm,1\n").contains("line 2 has 2 fields"))
    #expect(try reason("path,a\ns1/9.pgm,1\n").contains("no image s1/9.pgm"))
    #expect(try reason("path,a\ns1/1.pgm,1\ns1/1.pgm,2\n").contains("has one already"))
    #expect(try reason("id,a\nx,1\n").contains("\"x\" is no id"))
    #expect(try reason("id,a\n999999,1\n").contains("999999"))
    #expect(try reason("name,a\ns1/1.pgm,1\n").contains("path or id first"))
    #expect(try reason("\"path,a\n").contains("line 1"))
    #expect(try reason("x", "a.npy").contains("no .npy file"))
    // Trap: an unsafe container.
    for name in ["a.bin", "a.pkl", "a.pt"] {
      #expect(try reason("x", name).contains(".safetensors, .npy and .csv"))
    }
    let path = faces.scratch.file("t.safetensors")
    func tensors(_ names: [String: [Int]], _ metadata: [String: String] = [:]) throws -> String {
      try TensorFile(
        metadata: metadata,
        tensors: names.mapValues {
          .init(shape: $0, values: Array(repeating: 1, count: $0.reduce(1, *)))
        }
      ).write(to: path)
      do {
        _ = try read(path)
        return ""
      } catch TrainError.badEmbeddings(_, let reason) { return reason }
    }
    #expect(try tensors(["other": [24, 2]]).contains("no tensor \"embeddings\""))
    #expect(try tensors(["embeddings": [23, 2]]).contains("24 samples"))
    #expect(try tensors(["embeddings": [2, 2]], ["paths": "{"]).contains("JSON array"))
    #expect(
      try tensors(["embeddings": [2, 2]], ["paths": "[\"s1/1.pgm\"]"]).contains("names 1 samples"))
    #expect(try tensors(["embeddings": [24, 2]], ["score": "best"]).contains("\"best\""))
    #expect(
      try tensors(
        ["embeddings": [24, 2], "head.weights": [3], "head.bias": [1]],
        ["score": "weighted-difference"]
      ).contains("another length"))
  }
}
