import Configuration
import Neural
import TestSupport
import Testing

@testable import Train

/// Recipes that name a network, another recipe or the samples of a store.
@Suite("A recipe that names its parts")
struct RecipeAssemblyTests {
  init() throws { _ = try Machine.start(threads: 2) }

  private func parse(
    _ network: String, settings: [(key: String, value: String)] = [], isFaithful: Bool = false,
    more: String = ""
  ) throws -> Recipe {
    try Recipe.parse(
      yaml: """
        name: own
        title: A test
        source: Own work
        datasets: []
        network: \(network)
        sampler: {listed: {}}
        loss: {binary-cross-entropy: {}}
        optimizer: {sgd: {rate: 0.1}}
        batch: 4
        epochs: 1
        \(more)
        """, path: "own.yaml", settings: settings, library: Manifests.library,
      isFaithful: isFaithful)
  }

  private func failure(_ network: String, _ more: String = "") -> String {
    do {
      _ = try parse(network, more: more)
      return "none"
    } catch { return (error as? ConfigurationError)?.reason ?? "\(error)" }
  }

  @Test("takes its layers, its head and its input from the network")
  func network() throws {
    let recipe = try parse("lfw-koch")
    let layers = try recipe.describe()
    #expect(layers.reduce(0) { $0 + $1.parameters } == 38_962_752)
    #expect(recipe.head?.name == "weighted-difference")
    #expect(recipe.samples == InputSamples(width: 105, height: 105, channels: 3))
    #expect(recipe.network == "lfw-koch")
    // What is written is complete in itself: it is read without any library.
    #expect(try Recipe.parse(yaml: recipe.yaml, path: "again") == recipe)
  }

  @Test("replaces options of all layers of a kind, or of one, and leaves layers out")
  func overrides() throws {
    let recipe = try parse(
      "{lfw-koch: {convolution: {l2: 0.5}, convolution-2: {l2: 0.25}, batch-normalization: none}}")
    let values = recipe.yaml.split(separator: "\n").filter { $0.contains("l2:") }
      .map { $0.trimmingCharacters(in: .whitespaces) }
    #expect(values == ["l2: 0.5", "l2: 0.25", "l2: 0.5", "l2: 0.5"])
    #expect(!recipe.tower.map(\.name).contains("batch-normalization"))
    #expect(try recipe.describe().reduce(0) { $0 + $1.parameters } == 38_960_448)
    // An initialiser is replaced, not mixed with the network's own.
    let koch = try parse("{koch2015: {dense: {kernel-initializer: {he-normal: {}}}}}")
    #expect(koch.yaml.contains("he-normal"))
  }

  @Test("appends layers")
  func append() throws {
    let recipe = try parse(
      "{custom: {append: [l2-normalization: {}]}}", more: "head: {weighted-difference: {}}")
    #expect(recipe.tower.last?.name == "l2-normalization")
  }

  @Test("takes no head if it says none")
  func noHead() throws {
    #expect(try parse("lfw-koch", more: "head: none").head == nil)
  }

  @Test("is refused when a name is not known, and says which is near")
  func refuses() {
    #expect(failure("lfw-coch") == "there is no network lfw-coch; did you mean lfw-koch?")
    #expect(
      failure("{lfw-koch: {convolutions: {l2: 1}}}")
        == "the network lfw-koch has no layer convolutions; did you mean convolution?")
    #expect(failure("{lfw-koch: {convolution-5: {l2: 1}}}").contains("no layer convolution-5"))
    #expect(failure("{lfw-koch: {dense: {unit: 3}}}").contains("did you mean units?"))
    #expect(failure("{lfw-koch: {}, custom: {}}").contains("one name"))
    #expect(failure("{lfw-koch: {}}", "tower: [flatten: {}]").contains("tower of its own"))
    #expect(failure("lfw-koch", "base: own2").contains("there is no recipe own2"))
  }

  @Test("is refused when a change of layers has a wrong form, or faithful is set")
  func wrongForms() throws {
    #expect(failure("{lfw-koch: {dropout: 0.5}}").contains("must be options, or none"))
    #expect(failure("{custom: {append: {l2-normalization: {}}}}").contains("a list of layers"))
    #expect(throws: ConfigurationError.self) {
      try Manifests.recipe("cfpw2019", settings: [("faithful", "true")])
    }
    // A loss without pairs has no validation loss to choose by.
    let recipe = try Manifests.recipe(
      "residual-small", settings: [("evaluation.best", "loss")])
    #expect(throws: NeuralError.self) { try recipe.checkLoss() }
    try Manifests.recipe("orl-keras", settings: [("evaluation.best", "loss")]).checkLoss()
  }

  @Test("takes the keys of the recipe that it is based on where it lacks them")
  func base() throws {
    let (one, two) = (try Manifests.recipe("lfw-koch-01"), try Manifests.recipe("lfw-koch-02"))
    #expect(two.batch == one.batch && two.sampler == one.sampler && two.tower == one.tower)
    #expect(two.optimizer != one.optimizer && two.title != one.title)
  }

  @Test("has a faithful form only on request, and is marked then")
  func faithful() throws {
    let right = try Manifests.recipe("cfpw2019")
    let faithful = try Manifests.recipe("cfpw2019", isFaithful: true)
    #expect(right.faithful == nil && faithful.faithful == true)
    #expect(
      !right.yaml.contains("double-sigmoid") && faithful.yaml.contains("double-sigmoid: true"))
    #expect(faithful.normalization == .raw && right.normalization == .standardize)
    #expect(faithful.sampler == .report(pairsPerEpoch: 96_000, isFaithful: true))
    #expect(try Recipe.parse(yaml: faithful.yaml, path: "again") == faithful)
    for name in ["cfpw2019", "cfpw2019-closed"] {
      let (right, faithful) = (
        try Manifests.recipe(name), try Manifests.recipe(name, isFaithful: true)
      )
      #expect(right.weightAveraging != nil && right.flipAveraging == true)
      #expect(faithful.weightAveraging == nil && faithful.flipAveraging != true)
    }
    // Settings go over the faithful form as well.
    let set = try Manifests.recipe(
      "cfpw2019", settings: [("loss.binary-cross-entropy.double-sigmoid", "false")],
      isFaithful: true)
    #expect(!set.yaml.contains("double-sigmoid: true"))
    #expect(throws: ConfigurationError.self) {
      try Manifests.recipe("facenet-small", isFaithful: true)
    }
  }

  @Test("lists in its faithful form only the changes that this form keeps")
  func changes() throws {
    let right = try Manifests.recipe("cfpw2019-closed")
    let faithful = try Manifests.recipe("cfpw2019-closed", isFaithful: true)
    #expect(right.changes?.contains("One sigmoid instead of two") == true)
    #expect(faithful.changes == nil && faithful.source == right.source)
    // One that is based on another has the other's changes, and its own source.
    let second = try Manifests.recipe("lfw-koch-02", isFaithful: true)
    #expect(second.source.hasSuffix("experiment 2"))
    #expect(second.changes?.contains("decay by 1e-6") == true)
    for name in Manifests.library.names {
      guard let faithful = try? Manifests.recipe(name, isFaithful: true) else { continue }
      let right = try Manifests.recipe(name)
      #expect(right.changes != nil && faithful.changes != right.changes, "\(name)")
      #expect(try Recipe.parse(yaml: faithful.yaml, path: "again").changes == faithful.changes)
    }
  }

  @Test("loses its head, score and averaged weights by none")
  func none() throws {
    let recipe = try Manifests.recipe("best-cfpw")
    #expect(recipe.weightAveraging != nil && recipe.score != nil)
    let bare = try Manifests.recipe(
      "best-cfpw", settings: [("weight-averaging", "none"), ("score", "none")])
    #expect(bare.weightAveraging == nil && bare.score == nil)
    #expect(try Manifests.recipe("cfpw2019").head != nil)
    #expect(
      try Manifests.recipe(
        "cfpw2019", settings: [("head", "none"), ("loss", "{contrastive: {margin: 1}}")]
      )
      .head == nil)
  }

  @Test("takes the samples of the store if it says so")
  func storeSamples() throws {
    let samples = InputSamples(width: 47, height: 55, channels: 1)
    #expect(try Manifests.recipe("residual-small", samples: samples).samples == samples)
    // Without a store it is described with the network's own.
    #expect(try Manifests.recipe("residual-small").samples.width == 64)
  }

  @Test("of every name fits together, and is the same when it is written and read again")
  func all() throws {
    let names = Manifests.library.names
    for name in [
      "cfpw2019", "cfpw2019-closed", "koch2015", "orl-keras", "ratan-att", "hani", "chopra",
      "custom", "hani-stn", "chopra-stn", "custom-stn", "deepid", "deepid2", "facenet-small",
      "slides-euclidean", "slides-cosine",
    ] + (1...11).map({ $0 < 10 ? "lfw-koch-0\($0)" : "lfw-koch-\($0)" }) {
      #expect(names.contains(name), "\(name)")
    }
    for name in names {
      let forms = try [Manifests.recipe(name)] + [try? Manifests.recipe(name, isFaithful: true)]
      for recipe in forms.compactMap(\.self) {
        #expect(recipe.name == name)
        try recipe.checkLoss()
        _ = try recipe.describe()
        _ = try recipe.makeOptimizer()
        #expect(try Recipe.parse(yaml: recipe.yaml, path: "again") == recipe, "\(name)")
      }
    }
  }

  // RECIPES, test vectors 1.
  @Test("of a source has the source's number of parameters")
  func parameters() throws {
    func count(_ name: String, isFaithful: Bool = false) throws -> Int {
      let recipe = try Manifests.recipe(name, isFaithful: isFaithful)
      let layers = try recipe.describe()
      guard case .features(let length) = layers.last?.output else { return -1 }
      return layers.reduce(0) { $0 + $1.parameters }
        + (recipe.head?.parameters(embeddingLength: length) ?? 0)
    }
    #expect(try count("lfw-koch-05") == 38_966_849)
    #expect(try count("lfw-koch-09") == 38_964_545)
    #expect(try count("koch2015") == 38_951_745)
    #expect(try count("cfpw2019") == 5_033_633)
    #expect(try count("orl-keras") == 191_618)
    #expect(try count("orl-keras", isFaithful: true) == 394_046)
    #expect(try count("hani") == 188_299)
    #expect(try count("chopra") == 468_275)
    #expect(try count("custom") == 227_216)
    #expect(try count("custom-stn") > 227_216 + 110_896)
    #expect(try count("deepid") == 52_400)
  }

  @Test("is chosen for every dataset, by the number of people for a folder of one's own")
  func defaults() throws {
    let samples = InputSamples(width: 105, height: 105, channels: 3)
    func name(_ dataset: String, _ identities: Int) throws -> String {
      try Manifests.library.defaultRecipe(
        dataset: dataset, identities: identities, samples: samples
      ).name
    }
    #expect(try name("orl", 28) == "orl-keras")
    #expect(try name("cfpw", 375) == "cfpw2019")
    #expect(try name("lfw", 4_038) == "residual-small")
    #expect(try name("folder", 30) == "residual-small")
    #expect(try name("folder", 29) == "residual-small-pairs")
    #expect(try name("my-own-manifest", 2_000) == "residual-small")
  }

  @Test("gives a run a name that follows from its settings, but not from its length")
  func runName() throws {
    func name(_ settings: [(key: String, value: String)]) throws -> String {
      try Manifests.recipe("orl-keras", settings: settings).runName(protocol: "p", seed: 3)
    }
    let plain = try name([])
    #expect(plain.hasPrefix("orl-keras-p-3-") && plain.count == "orl-keras-p-3-".count + 6)
    #expect(try name([("epochs", "99")]) == plain)
    #expect(try name([("batch", "64")]) != plain)
    #expect(try name([("batch", "128")]) == plain)
  }
}
