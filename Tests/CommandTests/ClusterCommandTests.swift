import Catalog
import Foundation
import GRDB
import TestSupport
import Testing

/// `prep submit` and `prep status`: one ingest as many tasks.
@Suite("prep submit", .serialized)
struct ClusterCommandTests {
  private let scratch: TemporaryFolder

  init() throws {
    scratch = try TemporaryFolder()
  }

  private var store: String { scratch.file("out") }

  private func digest(_ folder: String) throws -> String {
    try Catalog.open(StoreFolder(path: folder)).digest()
  }

  /// Makes small images of people with names of every kind, some of them bad.
  private func makeFaces(_ count: Int) throws {
    for number in 0..<count {
      let person = ["Ann Lee", "it's", "Zoë", "new\nline"][number % 4] + String(number / 40)
      // Every second pixel of 16 is a sample of 8; of 12 there is none.
      let bytes =
        number % 500 == 7
        ? Array("words".utf8) : NoisePicture.pgm(number, side: number % 500 == 9 ? 12 : 16)
      try scratch.write(bytes, to: "faces/\(person)/\(number).pgm")
    }
    // A path that is not UTF-8.
    let raw =
      Array(scratch.file("faces/it's0/").utf8).map { CChar(bitPattern: $0) }
      + [-1, 0x2E, 0x70, 0x67, 0x6D, 0]
    let bytes = NoisePicture.pgm(9_999)
    let descriptor = open(raw, O_CREAT | O_WRONLY, 0o644)
    #expect(write(descriptor, bytes, bytes.count) == bytes.count)
    close(descriptor)
  }

  private static let settings = ["--size", "8", "--resample", "decimate", "--crop", "center"]

  /// All that is stored of the images, apart from the numbers of people.
  private func rows(_ folder: String) throws -> [[String]] {
    let queue = try DatabaseQueue(path: StoreFolder(path: folder).catalog)
    return try queue.read { database in
      try [
        """
        SELECT s.id, i.name, s.path, s.modified, s.format, s.channels, s.orientation, s.brightness,
          s.contrast, s.sharpness FROM sample AS s JOIN identity AS i ON i.id = s.identity ORDER BY s.id
        """,
        "SELECT * FROM crop ORDER BY sample",
        "SELECT *, hex(thumbnail) FROM rejection ORDER BY path",
        "SELECT shard, hex(hashes), hex(firsts) FROM shard_hash ORDER BY shard",
        "SELECT * FROM shard ORDER BY number",
      ].map { try Row.fetchAll(database, sql: $0).map { "\($0)" } }
    }
  }

  private func submit(_ arguments: String...) throws -> Tool.Outcome {
    try Tool.prep.run(
      all: ["submit", scratch.file("faces"), "--out", store] + Self.settings + arguments)
  }

  private func parts() throws -> [[String: Any]] {
    try Tool.prep.run("status", "--out", store, "--json").json
      .filter { $0["message_type"] as? String == "part" }
  }

  @Test("tasks as processes make the store of one ingest, and the listing is not made again")
  func shell() throws {
    try makeFaces(2_500)
    let whole = scratch.file("whole")
    let one = try Tool.prep.run(
      all: ["ingest", scratch.file("faces"), "--out", whole, "--json"] + Self.settings)
    #expect(one.code == 3, "\(one.error)")
    let outcome = try submit("--on", "shell", "--tasks", "2")
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(try digest(store) == digest(whole))
    let (ours, theirs) = (try rows(store), try rows(whole))
    for (merged, made) in zip(ours, theirs) { #expect(merged == made) }
    #expect(ours.map(\.count) == [2_491, 2_491, 10, 3, 3])
    #expect(ours[2].count { !$0.hasSuffix("hex(thumbnail):\"\"]") } == 5, "\(ours[2])")
    let parts = try parts()
    #expect(parts.map { $0["state"] as? String } == ["finished", "finished"])
    // Shards 0 and 2 of 1,024 and 453 images, and shard 1 of 1,024.
    #expect(parts.map { $0["images"] as? Int } == [1_477, 1_024])
    #expect(parts.compactMap { $0["rejected"] as? Int }.reduce(0, +) == 10)
    #expect(parts.compactMap { $0["stored"] as? Int }.reduce(0, +) == 2_491)

    // A part that is lost is made again, from the listing: a file that came later is not in it.
    try FileManager.default.removeItem(atPath: "\(store).parts/part-1")
    try FileManager.default.removeItem(atPath: store)
    try scratch.write(NoisePicture.pgm(5), to: "faces/late/1.pgm")
    #expect(try self.parts().map { $0["state"] as? String } == ["finished", "waiting"])
    #expect(try submit("--on", "shell", "--tasks", "2").code == 0)
    #expect(try digest(store) == digest(whole))
  }

  @Test("two folders of one dataset and a limit are the store of one ingest of them")
  func folders() throws {
    try makeFaces(60)
    for number in 0..<30 {
      try scratch.write(NoisePicture.pgm(1_000 + number), to: "more/Ann Lee0/\(number).pgm")
    }
    let whole = scratch.file("whole")
    let words = [scratch.file("faces"), scratch.file("more"), "--limit", "75"] + Self.settings
    let one = try Tool.prep.run(all: ["ingest", "--out", whole] + words)
    #expect(one.code == 3, "\(one.error)")
    let outcome = try Tool.prep.run(
      all: ["submit", "--out", store, "--on", "shell", "--tasks", "3"] + words)
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(try digest(store) == digest(whole))
    let parts = try parts()
    #expect(parts.map { $0["images"] as? Int } == [61, 14, 0])
  }

  @Test("a task reads its own shards of the listing, and a listing that was cut off is refused")
  func listing() throws {
    try makeFaces(2_500)
    // Without the program the listing is made and no task runs.
    let path = ["PATH": scratch.file("bin")]
    let fake = try scratch.write(
      Array("#!/bin/sh\necho 1\n".utf8), to: "bin/sbatch")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: fake)
    #expect(try run(path, "--on", "slurm", "--tasks", "5").code == 0)
    let parts = "\(store).parts"
    for task in [3, 2, 1] {
      let outcome = try Tool.prep.run(
        "ingest", "--listing", parts, "--task", "\(task)/5", "--out", "\(parts)/part-\(task)")
      #expect(outcome.code == (task == 3 ? 0 : 3), "\(outcome.error)")
    }
    let states = try self.parts()
    #expect(states.map { $0["images"] as? Int } == [1_024, 1_024, 453, 0, 0])
    #expect(
      states.map { $0["state"] as? String }
        == ["waiting", "finished", "finished", "finished", "waiting"])
    let file = "\(parts)/listing-0"
    let bytes = try #require(FileManager.default.contents(atPath: file))
    try bytes.dropLast().write(to: URL(fileURLWithPath: file))
    let cut = try Tool.prep.run(
      "ingest", "--listing", parts, "--task", "0/5", "--out", "\(parts)/part-0")
    #expect(cut.code == 1)
    #expect(cut.error.contains("missing or incomplete"), "\(cut.error)")
    #expect(!FileManager.default.fileExists(atPath: "\(parts)/part-0"))
  }

  /// Runs `prep submit` with another environment.
  private func run(_ environment: [String: String], _ arguments: String...) throws -> Tool.Outcome {
    try Tool.prep.run(
      all: ["submit", scratch.file("faces"), "--out", store] + Self.settings + arguments,
      environment: environment)
  }

  @Test("photographs that a machine does not see, other settings and other tasks are one sentence")
  func refusals() throws {
    try makeFaces(60)
    let none = try run(["PATH": scratch.file("bin")], "--on", "slurm", "--tasks", "2")
    #expect(none.code == 1)
    #expect(none.error.contains("There is no sbatch on the path"), "\(none.error)")
    #expect(!FileManager.default.fileExists(atPath: "\(store).parts"))
    #expect(try submit("--on", "shell", "--tasks", "2").code == 0)
    let other = try submit("--on", "shell", "--tasks", "3")
    #expect(other.code == 1)
    #expect(other.error.contains("divided among 2 tasks, not 3"), "\(other.error)")
    let settings = try Tool.prep.run(
      all: ["submit", scratch.file("faces"), "--out", store, "--on", "shell", "--tasks", "2"]
        + Self.settings.dropLast(2))
    #expect(settings.code == 1)
    #expect(settings.error.contains("other photographs or settings"), "\(settings.error)")

    try FileManager.default.moveItem(atPath: scratch.file("faces"), toPath: scratch.file("away"))
    try FileManager.default.createDirectory(
      atPath: scratch.file("faces"), withIntermediateDirectories: true)
    let blind = try Tool.prep.run(
      "ingest", "--listing", "\(store).parts", "--task", "0/2", "--out", scratch.file("blind"))
    #expect(blind.code == 1)
    #expect(blind.error.contains("not on this machine"), "\(blind.error)")
    #expect(!FileManager.default.fileExists(atPath: scratch.file("blind")))
  }

  @Test("a part with another configuration is not merged, and nothing is made")
  func otherConfiguration() throws {
    try makeFaces(60)
    for (task, size) in [(0, "8"), (1, "9")] {
      let outcome = try Tool.prep.run(
        "ingest", scratch.file("faces"), "--out", scratch.file("p\(task)"), "--size", size,
        "--task", "\(task)/2")
      #expect(outcome.code == (task == 0 ? 3 : 0))
    }
    let merge = try Tool.prep.run(
      "merge", scratch.file("p0"), scratch.file("p1"), "--out", store)
    #expect(merge.code == 1)
    #expect(merge.error.contains("another configuration"), "\(merge.error)")
    #expect(!FileManager.default.fileExists(atPath: store))
  }

  @Test("a task that has nothing but rejections succeeds as the one ingest does")
  func onlyRejections() throws {
    // The last of 1,025 is alone in shard 1, and of 12 pixels decimation takes none.
    for number in 0..<1_025 {
      let bytes = NoisePicture.pgm(number, side: number == 1_024 ? 12 : 16)
      try scratch.write(bytes, to: "faces/p\(1_000 + number)/1.pgm")
    }
    let whole = scratch.file("whole")
    let one = try Tool.prep.run(
      all: ["ingest", scratch.file("faces"), "--out", whole] + Self.settings)
    #expect(one.code == 3, "\(one.error)")
    let outcome = try submit("--on", "shell", "--tasks", "2")
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(try digest(store) == digest(whole))
    #expect(try parts().map { $0["rejected"] as? Int } == [0, 1])
  }

  @Test(
    "a setting that rejects all files makes no store, as in one ingest",
    arguments: [(60, "All of the 60 files were rejected"), (1_030, "1 task failed three times: 0")])
  func wrongSetting(count: Int, words: String) throws {
    for number in 0..<count {
      try scratch.write(NoisePicture.pgm(number, side: 12), to: "faces/p\(1_000 + number)/1.pgm")
    }
    let outcome = try submit("--on", "shell", "--tasks", "2")
    #expect(outcome.code == 1)
    #expect(outcome.error.contains(words), "\(outcome.error)")
    #expect(!FileManager.default.fileExists(atPath: store))
  }

  @Test("files that no setting accepts are listed in a store, as after one ingest")
  func badFiles() throws {
    for number in 0..<3 { try scratch.write([1, 2], to: "faces/p\(number)/1.pgm") }
    #expect(try submit("--on", "shell", "--tasks", "2").code == 0)
    #expect(try parts().compactMap { $0["rejected"] as? Int }.reduce(0, +) == 3)
  }

  @Test("Jobs of Kubernetes that ended are deleted before they are given again")
  func kubernetesAgain() throws {
    try makeFaces(60)
    // No cluster is here: this writes what it is told, and says how many tasks are active.
    let log = scratch.file("kubectl.log")
    let fake = try scratch.write(
      Array(
        """
        #!/bin/sh
        echo "$@" >> \(log)
        case "$1" in get) cat \(scratch.file("active")) ;; *) cat > /dev/null ;; esac

        """.utf8), to: "bin/kubectl")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: fake)
    try scratch.write([], to: "active")
    let path = ["PATH": "\(scratch.file("bin")):/usr/bin:/bin"]
    let words = [
      "--on", "kubernetes", "--tasks", "2", "--image", "i", "--volume-claim", "c", "--mount",
      scratch.path,
    ]
    func submit(to out: String) throws -> Tool.Outcome {
      try Tool.prep.run(
        all: ["submit", scratch.file("faces"), "--out", out] + Self.settings + words,
        environment: path)
    }
    func lines() throws -> [[String]] {
      try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map {
        $0.split(separator: " ").map(String.init)
      }
    }
    for _ in 0..<2 {
      let outcome = try submit(to: store)
      #expect(outcome.code == 0, "\(outcome.error)")
    }
    #expect(try lines().map(\.[0]) == ["get", "delete", "apply", "get", "delete", "apply"])
    let deleted = try lines()[4][2...3]
    #expect(deleted.allSatisfy { $0.hasPrefix("prep-") && $0.contains("-out-") }, "\(deleted)")
    // A store of the same name in another folder has Jobs of its own.
    #expect(try submit(to: scratch.file("other/out")).code == 0)
    #expect(try Set(lines()[7][2...3]).isDisjoint(with: deleted))
    // Tasks that run or wait are not deleted, as Kubernetes or a lock tells.
    try scratch.write(Array("2".utf8), to: "active")
    let active = try submit(to: store)
    #expect(active.code == 1 && active.error.contains("is still active"), "\(active.error)")
    try scratch.write([], to: "active")
    let part = StoreFolder(path: "\(store).parts/part-1")
    try FileManager.default.createDirectory(
      atPath: part.path, withIntermediateDirectories: true)
    let lock = try StoreLock(part)
    let refused = try submit(to: store)
    _ = consume lock
    #expect(refused.code == 1 && refused.error.contains("still running"), "\(refused.error)")
    #expect(try lines().count { $0[0] == "delete" } == 3)
  }

  @Test("a task that fails is tried three times, and its error is in the status")
  func failure() throws {
    try makeFaces(60)
    // A file in the place of a part's folder.
    try scratch.write([1], to: "out.parts/part-1")
    let outcome = try submit("--on", "shell", "--tasks", "2")
    #expect(outcome.code == 1)
    #expect(outcome.error.contains("1 task failed three times: 1"), "\(outcome.error)")
    #expect(!FileManager.default.fileExists(atPath: store))
    let log = try String(contentsOfFile: "\(store).parts/logs/1.log", encoding: .utf8)
    #expect(log.split(separator: "\n").count { $0.hasPrefix("Error: ") } == 3)
    let status = try Tool.prep.run("status", "--out", store, "--json")
    #expect(status.code == 1)
    let parts = try parts()
    #expect(parts.map { $0["state"] as? String } == ["finished", "failed"])
    #expect((parts[1]["reason"] as? String)?.isEmpty == false)
    try FileManager.default.removeItem(atPath: "\(store).parts/part-1")
    #expect(try submit("--on", "shell", "--tasks", "2").code == 0)
  }

  @Test(
    "the Jobs for Kubernetes pass its schema", .enabled(if: Surroundings.hasPython))
  func kubernetes() throws {
    let printed = try Tool.prep.run(
      "submit", scratch.file("it's"), "--out", scratch.file("Out_1"), "--on", "kubernetes",
      "--tasks", "7", "--print", "--image", "registry:5000/prep:1", "--volume-claim", "faces",
      "--mount", scratch.path)
    #expect(printed.code == 0, "\(printed.error)")
    let file = try scratch.write(Array(printed.output.utf8), to: "jobs.yaml")
    let validate = Tool(path: "\(Surroundings.root)/.python/bin/kubernetes-validate")
    let checked = try validate.run("--strict", file)
    #expect(checked.code == 0, "\(checked.output) \(checked.error)")
    #expect(
      (checked.output + checked.error).components(separatedBy: "passed").count == 3,
      "\(checked.output) \(checked.error)")
    #expect(printed.output.contains("completionMode: Indexed"))
    #expect(printed.output.contains("completions: 7"))
  }
}
