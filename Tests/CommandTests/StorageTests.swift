import Catalog
import Foundation
import Shards
import TestSupport
import Testing

/// `prep push`, `prep pull` and `train --shards s3://` with a real S3 server.
@Suite(
  "a store on an S3 server", .serialized, .enabled(if: Surroundings.hasStorageServer))
struct StorageTests {
  private let scratch: TemporaryFolder
  private let server: StorageServer
  /// Another prefix in every test, with characters that must be escaped.
  private let address = "s3://faces/\(UUID().uuidString)/set 1/ü+%41&=~"

  /// A store of 2,100 pictures with pairs; the tests change copies of it.
  private static let original = Result {
    let folder = try TemporaryFolder()
    for number in 0..<2_100 {
      try folder.write(
        NoisePicture.pgm(number), to: "faces/person\(number / 10)/\(number).pgm")
    }
    for arguments in [
      [
        "ingest", folder.file("faces"), "--out", folder.file("out"), "--size", "16", "--crop",
        "center",
      ],
      ["pairs", "--out", folder.file("out"), "--split", "identity"],
    ] {
      let outcome = try Tool.prep.run(all: arguments)
      #expect(outcome.code == 0, "\(outcome.error)")
    }
    return folder
  }

  init() throws {
    scratch = try TemporaryFolder()
    server = try StorageServer.shared.get()
    try server.spoil(nil)
    try? FileManager.default.removeItem(atPath: server.cache)
    try FileManager.default.copyItem(
      atPath: try Self.original.get().file("out"), toPath: store)
  }

  private var store: String { scratch.file("out") }

  /// Adds pictures of 16 pixels to the store, ten of each person.
  private func ingest(_ numbers: Range<Int>, from folder: String) throws {
    for number in numbers {
      try scratch.write(
        NoisePicture.pgm(number), to: "\(folder)/person\(number / 10)/\(number).pgm")
    }
    let outcome = try Tool.prep.run(
      "ingest", scratch.file(folder), "--out", store, "--size", "16", "--crop", "center", "--quiet")
    #expect(outcome.code == 0, "\(outcome.error)")
  }

  private func run(
    _ tool: Tool, _ arguments: String..., environment: [String: String] = [:]
  ) throws -> Tool.Outcome {
    try tool.run(all: arguments, environment: server.environment.merging(environment) { $1 })
  }

  private func push(_ arguments: String...) throws {
    let outcome = try Tool.prep.run(
      all: ["push", store, address] + arguments, environment: server.environment)
    #expect(outcome.code == 0, "\(outcome.error)")
  }

  private func digest(_ folder: String) throws -> String {
    try Catalog.open(StoreFolder(path: folder)).digest()
  }

  @Test("is pushed and pulled whole, and what is there is not sent or fetched again")
  func roundTrip() throws {
    let first = try run(.prep, "push", store, address, "--json").summary
    #expect(first["sent"] as? Int == 3)
    #expect(try run(.prep, "push", store, address, "--json").summary["sent"] as? Int == 0)
    let copy = scratch.file("copy")
    #expect(
      try run(.prep, "pull", address, copy, "--json").summary["fetched"] as? Int == 3)
    #expect(try digest(copy) == digest(store))
    #expect(try Tool.prep.run("verify", "--out", copy).code == 0)
    #expect(
      scratch.contents(of: "copy").sorted() == [
        "catalog.sqlite", "lock", "shards", "shards/00000.safetensors", "shards/00001.safetensors",
        "shards/00002.safetensors",
      ])

    try ingest(5_000..<5_020, from: "more")
    #expect(try run(.prep, "push", store, address, "--json").summary["sent"] as? Int == 1)
    #expect(
      try run(.prep, "pull", address, copy, "--json").summary["fetched"] as? Int == 1)
    #expect(try digest(copy) == digest(store))
  }

  @Test(
    "arrives in the same bytes whatever the network does",
    arguments: ["error", "busy", "cut", "short", "wrong", "slow", "shift", "ignore-range", "stall"])
  func faults(fault: String) throws {
    try push()
    // A stalled transfer ends after 20 seconds; one is enough.
    let word = fault == "stall" ? "00001" : ""
    try server.spoil(fault, times: fault == "stall" ? 1 : 2, of: word)
    let copy = scratch.file("copy")
    let outcome = try run(.prep, "pull", address, copy)
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(try digest(copy) == digest(store))
    #expect(try Tool.prep.run("verify", "--out", copy).code == 0)
    let requests = try server.requests()
    #expect(requests.contains { $0[3] == fault }, "\(requests)")
    // What came before a broken connection is not fetched again.
    if ["cut", "stall", "ignore-range"].contains(fault) {
      #expect(requests.contains { $0[2].hasPrefix("bytes=") }, "\(requests)")
    }
    let warned = outcome.error.contains("attempt 2 of 8 follows")
    #expect(warned == (fault != "slow"), "\(outcome.error)")
  }

  @Test("that stays damaged or out of reach ends in one sentence, and leaves no store")
  func lasting() throws {
    try push()
    for (fault, word, text) in [
      ("wrong", "00002", "00002.safetensors arrived with other bytes than its store has, in 3"),
      ("wrong", "catalog", "catalog.sqlite arrived with other bytes than its store has, in 3"),
      ("error", "00001", "could not be transferred in 3 attempts: HTTP 500 InternalError"),
      ("short", "00000", "arrived with other bytes"),
    ] {
      try server.spoil(fault, times: 1_000, of: word)
      let copy = scratch.file("copy-\(fault)-\(word)")
      let outcome = try run(.prep, "pull", address, copy, "--attempts", "3")
      #expect(outcome.code == 1)
      #expect(outcome.error.contains(text), "\(outcome.error)")
      #expect(!FileManager.default.fileExists(atPath: "\(copy)/catalog.sqlite"))
      #expect(!scratch.contents().contains { $0.contains(DurableFile.temporaryPrefix) })
      // The next call fetches the rest alone.
      try server.spoil(nil)
      let again = try run(.prep, "pull", address, copy)
      #expect(again.code == 0, "\(again.error)")
      #expect(try digest(copy) == digest(store))
    }
  }

  @Test("whose sending is disturbed is whole there in the end, or not there")
  func disturbedPush() throws {
    try server.spoil("error", times: 1, method: "PUT")
    try push()
    #expect(try server.requests().contains { $0[0] == "PUT" && $0[3] == "error" })
    try server.spoil("error", times: 100, of: "catalog.sqlite", method: "PUT")
    let other = "s3://faces/other"
    let outcome = try run(.prep, "push", store, other, "--attempts", "2")
    #expect(outcome.code == 1)
    let pulled = try run(.prep, "pull", other, scratch.file("copy"))
    #expect(pulled.code == 1)
    #expect(pulled.error.contains("There is no store at s3://faces/other"), "\(pulled.error)")
    #expect(!FileManager.default.fileExists(atPath: scratch.file("copy")))
  }

  private static let recipe = """
    name: small
    title: A small tower
    source: Own work
    datasets: [folder]
    samples: {width: 16, height: 16, channels: 3}
    normalization: {standardize: {}}
    sampler: {balanced: {pairs-per-epoch: 400}}
    tower: [{flatten: {}}, {dense: {units: 16}}]
    loss: {contrastive: {margin: 1}}
    optimizer: {adam: {rate: 0.001}}
    batch: 10
    epochs: 2
    """

  private func train(_ shards: String, _ run: String, _ arguments: String...) throws -> Tool.Outcome
  {
    try Tool.train.run(
      all: [
        "--shards", shards, "--recipe", scratch.file("r.yaml"), "--run", scratch.file(run),
      ] + arguments, environment: server.environment)
  }

  private func prepareTraining() throws {
    try scratch.write(Array(Self.recipe.utf8), to: "r.yaml")
    try push()
  }

  private func weights(_ run: String) -> String {
    Digest.sha256(file: scratch.file("\(run)/checkpoint.safetensors"))
  }

  /// The bytes of the shards in the caches.
  private func cached() throws -> Int {
    let files = FileManager.default.enumerator(atPath: server.cache)?.allObjects as? [String] ?? []
    return try files.filter { $0.hasSuffix(".safetensors") }.reduce(0) {
      $0
        + (try FileManager.default.attributesOfItem(atPath: "\(server.cache)/\($1)")[.size] as? Int
          ?? 0)
    }
  }

  @Test(
    "trains and tests in the same bits as one in a folder, whatever the network does",
    arguments: ["none", "error", "cut", "wrong"])
  func training(fault: String) throws {
    try prepareTraining()
    #expect(try train(store, "local").code == 0)
    try server.spoil(fault == "none" ? nil : fault, times: 1)
    let outcome = try train(address, "remote")
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(weights("remote") == weights("local"))
    #expect(try server.requests().contains { $0[3] == fault } == (fault != "none"))
    // The second time nothing but the hash of the catalog is asked for.
    try server.spoil(nil)
    #expect(try train(address, "again").code == 0)
    #expect(weights("again") == weights("local"))
    #expect(try server.requests().allSatisfy { $0[0] == "HEAD" })

    let figures = try [store, address].map { shards in
      let tested = try run(
        .train, "evaluate", "--run", scratch.file("local"), "--shards", shards, "--report",
        scratch.file("report"), "--json")
      #expect(tested.code == 0, "\(tested.error)")
      return tested.summary["auc"] as? Double
    }
    #expect(figures[0] != nil)
    #expect(figures[0] == figures[1])
  }

  @Test("is read through a cache that holds one shard of three, in the same bits")
  func smallCache() throws {
    try prepareTraining()
    #expect(try train(store, "local", "--epochs", "1", "--steps", "4").code == 0)
    let outcome = try train(
      address, "remote", "--epochs", "1", "--steps", "4", "--cache-limit", "1MB")
    #expect(outcome.code == 0, "\(outcome.error)")
    #expect(weights("remote") == weights("local"))
    #expect(try cached() <= 1_000_000)
    #expect(try server.requests().count { $0[1].contains("00000.safetensors") } > 1)
    let tooSmall = try train(address, "small", "--cache-limit", "100kB")
    #expect(tooSmall.code == 1)
    #expect(tooSmall.error.contains("A cache of 100kB cannot hold one shard"), "\(tooSmall.error)")
  }

  @Test("whose cached shard or catalog was damaged is fetched anew")
  func damagedCache() throws {
    try prepareTraining()
    #expect(try train(address, "first").code == 0)
    let files =
      (FileManager.default.enumerator(atPath: server.cache)?.allObjects as? [String] ?? [])
      .filter { $0.hasSuffix(".safetensors") || $0.hasSuffix("catalog.sqlite") }
    #expect(files.count == 4)
    for file in files {
      let url = URL(fileURLWithPath: "\(server.cache)/\(file)")
      var bytes = try Data(contentsOf: url)
      bytes[bytes.count / 2] ^= 1
      try bytes.write(to: url)
    }
    try server.spoil(nil)
    #expect(try train(address, "second").code == 0)
    #expect(weights("second") == weights("first"))
    #expect(try server.requests().count { $0[0] == "GET" } == 4)
  }

  @Test("that cannot be read stops a training with one sentence")
  func brokenTraining() throws {
    try prepareTraining()
    try server.spoil("wrong", times: 1_000, of: "00001")
    let outcome = try train(address, "remote", "--attempts", "2")
    #expect(outcome.code == 1)
    #expect(
      outcome.error.contains("00001.safetensors arrived with other bytes"), "\(outcome.error)")
  }

  @Test("is read from a web server that has the files of its folder")
  func web() throws {
    let web = Process()
    web.executableURL = URL(fileURLWithPath: Surroundings.storagePython)
    web.arguments = ["-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", store]
    let output = Pipe()
    web.standardOutput = output
    web.standardError = FileHandle.nullDevice
    try web.run()
    defer { kill(web.processIdentifier, SIGKILL) }
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    let port = try #require(line.split(separator: " ").compactMap { Int($0) }.first)
    let address = "http://127.0.0.1:\(port)"
    let unhashed = try run(.prep, "pull", address, scratch.file("copy"))
    #expect(unhashed.code == 1)
    #expect(
      unhashed.error.contains("catalog.sqlite.sha256 is missing or is no SHA-256"),
      "\(unhashed.error)")
    try scratch.write(
      Array("\(Digest.sha256(file: "\(store)/catalog.sqlite"))  catalog.sqlite\n".utf8),
      to: "out/catalog.sqlite.sha256")
    let pulled = try run(.prep, "pull", address, scratch.file("copy"))
    #expect(pulled.code == 0, "\(pulled.error)")
    #expect(try digest(scratch.file("copy")) == digest(store))
  }

  @Test("is not mixed with another store, there or here")
  func otherStore() throws {
    try push()
    let copy = scratch.file("copy")
    #expect(try run(.prep, "pull", address, copy).code == 0)
    let first = store
    try FileManager.default.moveItem(atPath: first, toPath: scratch.file("before"))
    try ingest(7_000..<7_050, from: "others")
    let refused = try run(.prep, "push", store, address)
    #expect(refused.code == 1)
    #expect(refused.error.contains("holds another store, or changes"), "\(refused.error)")
    try push("--replace")
    // The pictures of the other store are gone from the server.
    for number in 0..<3 {
      try server.spoil(nil)
      _ = try run(.prep, "push", store, address)
      let shard = "0000\(number).safetensors"
      let isThere = try server.has("\(address.dropFirst("s3://faces/".count))/shards/\(shard)")
      #expect(isThere == (number == 0), "\(shard)")
    }
    let pulled = try run(.prep, "pull", address, copy)
    #expect(pulled.code == 1)
    #expect(pulled.error.contains("holds another store"), "\(pulled.error)")
    #expect(try digest(copy) == digest(scratch.file("before")))
  }

  @Test("is not written over by an earlier state, there or here")
  func earlierState() throws {
    let before = scratch.file("before")
    try FileManager.default.copyItem(atPath: store, toPath: before)
    try ingest(5_000..<5_020, from: "more")
    try push()
    let older = try run(.prep, "push", before, address)
    #expect(older.code == 1)
    #expect(older.error.contains("the shard 00003.safetensors would be lost"), "\(older.error)")

    let copy = scratch.file("copy")
    #expect(try run(.prep, "pull", address, copy).code == 0)
    for (folder, name) in [(store, "there"), (copy, "here")] {
      let pairs = try Tool.prep.run(
        "pairs", "--out", folder, "--split", "identity", "--seed", "3", "--name", name, "--quiet")
      #expect(pairs.code == 0, "\(pairs.error)")
    }
    try push()
    let pulled = try run(.prep, "pull", address, copy)
    #expect(pulled.code == 1)
    #expect(pulled.error.contains("the protocol here would be lost"), "\(pulled.error)")
    let pushed = try run(.prep, "push", copy, address)
    #expect(pushed.code == 1)
    #expect(pushed.error.contains("the protocol there would be lost"), "\(pushed.error)")
    #expect(try run(.prep, "pull", address, copy, "--replace").code == 0)
    #expect(try Catalog.open(StoreFolder(path: copy)).protocols().map(\.name).contains("there"))
  }

  @Test("is read by two states at once from one cache")
  func twoStates() throws {
    try prepareTraining()
    #expect(try train(address, "first").code == 0)
    let old = try #require(try cachedCatalogs().first)
    try ingest(5_000..<5_020, from: "more")
    try push()
    #expect(try train(address, "second", "--steps", "2").code == 0)
    #expect(try cachedCatalogs().count == 2)
    #expect(try cachedCatalogs().contains(old))
  }

  private func cachedCatalogs() throws -> [String] {
    (FileManager.default.enumerator(atPath: server.cache)?.allObjects as? [String] ?? [])
      .filter { $0.hasSuffix("catalog.sqlite") }
  }

  @Test("that is public is read without a signature")
  func unsigned() throws {
    try push()
    let outcome = try run(.prep, "pull", address, scratch.file("x"), "--no-sign-request")
    // This bucket is not public: what matters is that the request had no signature.
    #expect(outcome.code == 1)
    #expect(try server.requests().last?[4] == "unsigned", "\(outcome.error)")
  }

  @Test("whose address or credentials are wrong is refused in one sentence without a secret")
  func badInput() throws {
    let wrong = ["AWS_SECRET_ACCESS_KEY": "this/is+the/wrong+secret"]
    for (arguments, environment, text) in [
      (["push", store, "s3://faces/a"], wrong, "The server refused s3://faces/a"),
      (["pull", "s3://faces/a", scratch.file("x")], wrong, "The server refused s3://faces/a"),
      (["push", store, "s3://nothing/a"], [:], "bucket of s3://nothing/a"),
      (
        ["pull", "s3://faces/none", scratch.file("x")], [:], "There is no store at s3://faces/none"
      ),
      (["push", store, "s3://A/b"], [:], "a bucket's name has"),
      (["push", store, "s3://faces/../b"], [:], "the prefix contains an empty part"),
      (["push", store, "out2"], [:], "an address begins with s3://"),
      (["push", store, "https://example.org/a"], [:], "can only be read"),
      (["pull", "http://example.org/a", scratch.file("x")], [:], "http:// is not encrypted"),
      (["pull", "https://me:word@example.org/a", scratch.file("x")], [:], "no password"),
      (["pull", "https://me:w@rd@example.org/a", scratch.file("x")], [:], "no password"),
      (
        ["pull", "https://example.org/a?X-Amz-Signature=0123", scratch.file("x")], [:],
        "it must have no ?"
      ),
      (["push", scratch.file("none"), "s3://faces/a"], [:], "There is no store in"),
      (["pull", "s3://faces/a", scratch.file("x")], ["AWS_SECRET_ACCESS_KEY": ""], "is not set"),
      (
        ["pull", "s3://faces/a", scratch.file("x"), "--attempts", "2"],
        ["AWS_ENDPOINT_URL": "http://127.0.0.1:9"], "could not be transferred in 2 attempts"
      ),
      (["pull", "s3://faces/a", scratch.file("x")], ["AWS_ENDPOINT_URL": "nowhere"], "endpoint"),
    ] as [([String], [String: String], String)] {
      let outcome = try Tool.prep.run(
        all: arguments, environment: server.environment.merging(environment) { $1 })
      #expect(outcome.code == 1, "\(arguments)")
      #expect(outcome.error.contains(text), "\(arguments): \(outcome.error)")
      #expect(outcome.error.split(separator: "\n").count { $0.hasPrefix("Error:") } == 1)
      for secret in [server.facts.secret, "wrong+secret", "word@", "rd@", "0123"] {
        #expect(!(outcome.error + outcome.output).contains(secret))
      }
    }
    #expect(!FileManager.default.fileExists(atPath: scratch.file("x")))
  }

  @Test("is reached with the credentials of a file")
  func credentialsFile() throws {
    try scratch.write(
      Array(
        """
        [default]
        aws_access_key_id = nobody
        aws_secret_access_key = nothing
        [work]
        aws_access_key_id=\(server.facts.key)
        aws_secret_access_key = \(server.facts.secret)
        """.utf8), to: "credentials")
    var environment = server.environment
    environment["AWS_ACCESS_KEY_ID"] = ""
    environment["AWS_SHARED_CREDENTIALS_FILE"] = scratch.file("credentials")
    let refused = try Tool.prep.run(all: ["push", store, "s3://faces/f"], environment: environment)
    #expect(refused.code == 1)
    environment["AWS_PROFILE"] = "work"
    let sent = try Tool.prep.run(all: ["push", store, "s3://faces/f"], environment: environment)
    #expect(sent.code == 0, "\(sent.error)")
  }

  @Test("that is pulled goes on after a kill")
  func killed() throws {
    try push()
    try server.spoil("slow", times: 10, of: "00002")
    let copy = scratch.file("copy")
    let pull = try Tool.prep.start(["pull", address, copy], environment: server.environment)
    pull.standardError = FileHandle.nullDevice
    pull.standardOutput = FileHandle.nullDevice
    try pull.run()
    for _ in 0..<500
    where scratch.contents(of: "copy/shards").count(where: { !$0.hasPrefix(".") }) < 2 {
      usleep(10_000)
    }
    kill(pull.processIdentifier, SIGKILL)
    pull.waitUntilExit()
    #expect(!FileManager.default.fileExists(atPath: "\(copy)/catalog.sqlite"))
    let again = try run(.prep, "pull", address, copy, "--json")
    #expect(again.code == 0, "\(again.error)")
    #expect(again.summary["fetched"] as? Int == 1)
    #expect(try digest(copy) == digest(store))
    #expect(!scratch.contents().contains { $0.contains(DurableFile.temporaryPrefix) })
  }
}
