import Catalog
import Foundation
import SyntheticFaces
import TestSupport
import Testing

/// `prep ingest` run again on folders that changed, and `prep` on protocols that change.
@Suite("prep, run again,", .serialized)
struct SecondIngestTests {
  private let scratch: TemporaryFolder

  init() throws {
    scratch = try TemporaryFolder()
    try FaceSet(seed: 0).write(to: scratch.file("faces"), people: 6, pictures: 3)
  }

  private var store: String { scratch.file("out") }

  private func ingest(_ arguments: String..., root: String = "faces") throws -> Tool.Outcome {
    try Tool.prep.run(all: ["ingest", scratch.file(root), "--out", store, "--json"] + arguments)
  }

  private func pairs(_ arguments: String...) throws -> Tool.Outcome {
    try Tool.prep.run(all: ["pairs", "--out", store, "--json"] + arguments)
  }

  @Test("says what changed and what is gone and ends with 3, until it is taken anew")
  func changes() throws {
    #expect(try ingest().code == 0)
    try scratch.write(FaceSet(seed: 5).pgm(person: 1, picture: 1), to: "faces/s1/1.pgm")
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1_000)],
      ofItemAtPath: scratch.file("faces/s1/1.pgm"))
    try FileManager.default.removeItem(atPath: scratch.file("faces/s2/2.pgm"))
    let second = try ingest()
    #expect(second.code == 3, "\(second.error)")
    #expect(second.summary["changed"] as? Int == 1 && second.summary["missing"] as? Int == 1)
    #expect(second.summary["stored"] as? Int == 0)
    #expect(second.error.contains("s1/1.pgm") && second.error.contains("s2/2.pgm"))
    #expect(second.error.contains("--refresh"))
    let refreshed = try ingest("--refresh")
    #expect(refreshed.summary["stored"] as? Int == 1 && refreshed.code == 3)
    #expect(refreshed.summary["samples"] as? Int == 18)
    try FileManager.default.copyItem(
      atPath: scratch.file("faces/s2/1.pgm"), toPath: scratch.file("faces/s2/2.pgm"))
    let third = try ingest("--refresh")
    #expect(third.code == 0 && third.summary["changed"] as? Int == 1, "\(third.error)")
    #expect(try ingest("--task", "0/1", "--refresh").code == 64)
  }

  @Test("counts what it stored itself, and ends with 3 again while there are rejections")
  func rejections() throws {
    try scratch.write(Array("no picture".utf8), to: "faces/s1/9.pgm")
    let first = try ingest()
    #expect(first.code == 3 && first.summary["stored"] as? Int == 18)
    let again = try ingest()
    #expect(again.code == 3 && again.summary["stored"] as? Int == 0)
    #expect(again.summary["rejected_before"] as? Int == 1 && again.summary["skipped"] as? Int == 19)
    let text = try Tool.prep.run("ingest", scratch.file("faces"), "--out", store)
    #expect(text.code == 3 && text.output.contains("1 was rejected by earlier runs"))
  }

  @Test("does not take a vanished folder for one that moved, unless it is told so")
  func moved() throws {
    #expect(try ingest().code == 0)
    try FileManager.default.moveItem(
      atPath: scratch.file("faces"), toPath: scratch.file("photographs"))
    let refused = try ingest(root: "photographs")
    #expect(refused.code == 1 && refused.error.contains("--moved-from \(scratch.file("faces"))"))
    let told = try ingest("--moved-from", scratch.file("faces"), root: "photographs")
    #expect(told.code == 0 && told.summary["skipped"] as? Int == 18, "\(told.error)")
  }

  @Test("takes Lanczos where the layout's decimation cannot be met, and insists where it was named")
  func decimation() throws {
    let other = try ingest("--size", "105")
    #expect(other.code == 0 && other.summary["rejections"] as? Int == 0, "\(other.error)")
    #expect(other.error.contains("Lanczos is used instead of decimate"))
    // The store has decided: the same command goes on.
    #expect(try ingest("--size", "105").summary["skipped"] as? Int == 18)
    let out = scratch.file("strict")
    let named = try Tool.prep.run(
      "ingest", scratch.file("faces"), "--out", out, "--size", "105", "--resample", "decimate")
    #expect(named.code == 1 && named.error.contains("--resample lanczos"), "\(named.error)")
    #expect(!FileManager.default.fileExists(atPath: out))
    let plain = try Tool.prep.run("ingest", scratch.file("faces"), "--out", out, "--json")
    #expect(plain.code == 0 && !plain.error.contains("Lanczos"))
  }

  @Test("says how many pictures were stretched, and does not when another fit was asked for")
  func fits() throws {
    let square = try ingest("--size", "40", "--color", "gray", "--resample", "lanczos")
    #expect(square.summary["stretched"] as? Int == 18 && square.error.contains("--fit crop"))
    let cropped = try Tool.prep.run(
      "ingest", scratch.file("faces"), "--out", scratch.file("crop"), "--size", "40", "--fit",
      "crop", "--resample", "lanczos", "--pillow", "13", "--json")
    #expect(cropped.code == 0 && cropped.summary["stretched"] as? Int == 0)
    let configuration = try Catalog.open(StoreFolder(path: scratch.file("crop"))).configuration()
    #expect(configuration?.contains("\"fit\":\"crop\"") == true)
    #expect(configuration?.contains("\"pillow\":13") == true)
    #expect(try ingest("--pillow", "11").code == 64)
  }

  @Test("refuses a folder of several datasets, and enters one that holds a single one")
  func tooHigh() throws {
    try FaceSet(seed: 1).write(to: scratch.file("all/orl"), people: 2, pictures: 2)
    let entered = try ingest(root: "all")
    #expect(entered.code == 0 && entered.summary["identities"] as? Int == 2)
    #expect(entered.error.contains("all/orl"))
    try scratch.write(NoisePicture.pgm(1), to: "all/lfw/Ann_Lee/Ann_Lee_0001.jpg")
    let several = try ingest(root: "all")
    #expect(several.code == 1 && several.error.contains("lfw (lfw), orl (orl)"), "\(several.error)")
  }

  @Test("lists copies and near copies, the same number everywhere")
  func duplicates() throws {
    try FileManager.default.copyItem(
      atPath: scratch.file("faces/s1/1.pgm"), toPath: scratch.file("faces/s2/9.pgm"))
    let made = try ingest()
    #expect(made.summary["duplicates"] as? Int == 1)
    let listed = try Tool.prep.run("list", "--duplicates", "--out", store, "--json")
    let kinds = listed.json.dropLast().compactMap { $0["kind"] as? String }
    #expect(kinds.count { $0 == "file" } == 1)
    #expect(kinds.count { $0 == "near" } == made.summary["near_duplicates"] as? Int)
    let text = try Tool.prep.run("list", "--duplicates", "--out", store)
    #expect(text.output.contains("file\tACROSS\ts1/1.pgm\ts2/9.pgm\t0"))
    let verified = try Tool.prep.run("verify", "--out", store, "--json")
    #expect(verified.code == 0 && verified.summary["problems"] as? Int == 0)
    #expect(verified.summary["samples"] as? Int == 19)
    try FileManager.default.removeItem(atPath: "\(store)/shards/00000.safetensors")
    let damaged = try Tool.prep.run("verify", "--out", store, "--json")
    #expect(damaged.code == 1 && damaged.summary["problems"] as? Int == 1)
    #expect(damaged.json.first?["message_type"] as? String == "problem")
  }

  @Test("says in what a protocol differs, replaces it when told to, and removes one")
  func protocols() throws {
    #expect(try ingest().code == 0)
    #expect(try pairs("--split", "identity", "--exact", "--name", "p").code == 0)
    #expect(try pairs("--split", "identity", "--exact", "--name", "p").code == 0)
    let differs = try pairs("--split", "identity", "--exact", "--name", "p", "--train", "0.5")
    #expect(
      differs.code == 1 && differs.error.contains("its train is 0.7, not 0.5"), "\(differs.error)")
    let replaced = try pairs(
      "--split", "identity", "--exact", "--name", "p", "--train", "0.5", "--replace")
    #expect(replaced.code == 0, "\(replaced.error)")
    let stats = try Tool.prep.run("stats", "--out", store, "--json")
    #expect((stats.summary["analyses"] as? [[String: Any]])?.count == 1)
    let removed = try pairs("--delete", "p")
    #expect(removed.code == 0 && removed.summary["removed"] as? String == "p")
    #expect(try pairs("--delete", "p").code == 1)
    #expect(try pairs("--delete", "p", "--all").code == 64)
    #expect(try pairs("--replace").code == 64)
    #expect(try pairs("--all", "--name", "a/b").code == 64)
  }

  @Test("counts a leak when one picture stands on two sides of a list")
  func leaks() throws {
    try FileManager.default.copyItem(
      atPath: scratch.file("faces/s1/1.pgm"), toPath: scratch.file("faces/s2/9.pgm"))
    #expect(try ingest().code == 0)
    let text = """
      left_path,right_path,genuine,role
      s1/1.pgm,s1/2.pgm,1,train
      s2/9.pgm,s3/1.pgm,0,test

      """
    try scratch.write(Array(text.utf8), to: "own.csv")
    let made = try pairs("--protocol", scratch.file("own.csv"))
    #expect(made.summary["leaks"] as? Int == 1, "\(made.output)")
    #expect((made.summary["findings"] as? [String: Int])?["file"] == 1)
  }

  @Test(
    "finds the labels that LFW's errata call wrong in lists of one's own, and takes flat copies",
    .enabled(if: Surroundings.hasRealData, "needs real data"))
  func errata() throws {
    let names = ["Janica_Kostelic", "Anja_Paerson", "Abel_Pacheco"]
    for name in names {
      for file in try FileManager.default.contentsOfDirectory(atPath: "\(Surroundings.lfw)/\(name)")
      {
        let source = URL(fileURLWithPath: "\(Surroundings.lfw)/\(name)/\(file)")
        try scratch.write(Data(contentsOf: source), to: "lfw/\(name)/\(file)")
        try scratch.write(Data(contentsOf: source), to: "flat/\(file)")
      }
    }
    // Documentation/Datasets.md has this manifest.
    let yaml = """
      name: flat-lfw
      title: LFW in one folder
      pattern: "{identity}_{number:[0-9]{4}}.jpg"
      extensions: [jpg]
      sample: {size: "105", color: rgb, resample: lanczos}
      protocols: lfw
      """
    #expect(
      try String(contentsOfFile: "\(Surroundings.root)/Documentation/Datasets.md", encoding: .utf8)
        .contains(yaml.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")))
    let manifest = try scratch.write(Array(yaml.utf8), to: "flat.yaml")
    for (root, dataset) in [("lfw", "lfw"), ("flat", manifest)] {
      let out = scratch.file("out-\(root)")
      let made = try Tool.prep.run(
        "ingest", scratch.file(root), "--dataset", dataset, "--out", out, "--json")
      #expect(made.code == 0 && made.summary["identities"] as? Int == 3, "\(made.error)")
      // PROTOCOLS.md, 11: fold 1, Janica_Kostelic 1 2 shows two people.
      try scratch.write(
        Array("1\nJanica_Kostelic\t1\t2\nAbel_Pacheco\t1\tAnja_Paerson\t1\n".utf8), to: "own.txt")
      let own = try Tool.prep.run(
        "pairs", "--out", out, "--protocol", scratch.file("own.txt"), "--json")
      #expect(
        (own.summary["findings"] as? [String: Int])?["wrong-label"] == 1,
        "\(own.output)\(own.error)")
      #expect(own.json.contains { $0["detail"] as? String == "test pair 1" })
      let drawn = try Tool.prep.run(
        "pairs", "--out", out, "--sample", "genuine=2,impostor=2", "--json")
      #expect(drawn.code == 0, "\(drawn.error)")
      let view = try Tool.prep.run(
        "pairs", "--out", out, "--view", "2", "--lists", "\(Surroundings.data)/lfw-protocol",
        "--allow-missing", "--json")
      #expect(view.code == 0 && view.summary["folds"] as? Int == 10, "\(view.error)")
      #expect((view.summary["findings"] as? [String: Int])?["missing-image"] ?? 0 > 13_000)
      // Abel_Pacheco 1 4 is right; of the wrong labels only Janica_Kostelic 1 2 has both images here.
      let dropped = try Tool.prep.run(
        "pairs", "--out", out, "--view", "2", "--lists", "\(Surroundings.data)/lfw-protocol",
        "--allow-missing", "--errata", "drop", "--json")
      #expect(dropped.summary["protocol"] as? String == "lfw-view2-errata-dropped")
      let counts = [view, dropped].map { $0.summary["genuine"] as? Int ?? 0 }
      #expect(counts[0] - counts[1] == 1, "\(counts)")
    }
  }

  @Test("counts the same pixels in another file with the copies, and does not call them identical")
  func sameAsAnother() throws {
    let picture = NoisePicture.pgm(1, side: 16)
    try scratch.write(picture, to: "copies/a/1.pgm")
    try scratch.write(picture, to: "copies/b/1.pgm")
    // The same pixels behind a comment: another file.
    try scratch.write(Array("P5 # other\n".utf8) + picture.dropFirst(3), to: "copies/c/1.pgm")
    let out = scratch.file("copied")
    #expect(
      try Tool.prep.run("ingest", scratch.file("copies"), "--out", out, "--size", "16").code == 0)
    let lines = try Tool.prep.run("stats", "--out", out).output.split(separator: "\n")
    #expect(lines.first?.hasSuffix("rejected  copies") == true, "\(lines)")
    #expect(lines.dropFirst().first?.split(separator: " ").last == "2", "\(lines)")
  }

  @Test("counts who has two pictures or more, and how many have how many")
  func statistics() throws {
    let people = scratch.file("people")
    for (person, count) in [1, 2, 2, 3].enumerated() {
      for picture in 0..<count {
        try scratch.write(
          NoisePicture.pgm(10 * person + picture, side: 16), to: "people/p\(person)/\(picture).pgm")
      }
    }
    let out = scratch.file("counted")
    #expect(try Tool.prep.run("ingest", people, "--out", out, "--size", "16").code == 0)
    let outcome = try Tool.prep.run("stats", "--out", out, "--json")
    let dataset = (outcome.summary["datasets"] as? [[String: Any]])?.first ?? [:]
    #expect(dataset["identities"] as? Int == 4 && dataset["identities_with_two"] as? Int == 3)
    let bins = dataset["samples_per_identity"] as? [[String: Int]]
    #expect(
      bins == [
        ["samples": 1, "identities": 1], ["samples": 2, "identities": 2],
        ["samples": 3, "identities": 1],
      ])
  }
}
