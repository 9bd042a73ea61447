import Configuration
import TestSupport
import Testing

@testable import Train

@Suite("A recipe")
struct RecipeTests {
  private let yaml: String

  init() throws {
    // Complete in itself.
    yaml = try Manifests.recipe("orl-keras").yaml
  }

  private func failure(_ yaml: String, _ settings: [(key: String, value: String)] = []) -> String? {
    do {
      _ = try Recipe.parse(yaml: yaml, path: "r.yaml", settings: settings)
      return nil
    } catch {
      return (error as? ConfigurationError)?.reason ?? "\(error)"
    }
  }

  @Test("orl-keras has what its source has")
  func orlKeras() throws {
    let recipe = try Recipe.parse(yaml: yaml, path: "r.yaml")
    #expect(recipe.samples.width == 46 && recipe.samples.height == 56)
    #expect(recipe.batch == 128 && recipe.epochs == 13)
    #expect(recipe.sampler == .balanced(pairsPerEpoch: 11_250))
    #expect(recipe.stepsPerEpoch(samples: 350) == 88)
    #expect(recipe.loss == .contrastive(margin: 1, form: nil))
    #expect(recipe.optimizer == .rmsprop(rate: 0.001, rho: 0.9, epsilon: 1e-7))
  }

  @Test("is the same when it is written and read again")
  func roundTrip() throws {
    let recipe = try Recipe.parse(yaml: yaml, path: "r.yaml")
    #expect(try Recipe.parse(yaml: recipe.yaml, path: "again") == recipe)
  }

  @Test("takes values over those of the file, however deep")
  func settings() throws {
    let recipe = try Recipe.parse(
      yaml: yaml, path: "r.yaml",
      settings: [
        ("batch", "64"), ("optimizer.rmsprop.rate", "0.01"), ("loss.contrastive.margin", "2"),
      ])
    #expect(recipe.batch == 64)
    #expect(recipe.optimizer == .rmsprop(rate: 0.01, rho: 0.9, epsilon: 1e-7))
    #expect(recipe.loss == .contrastive(margin: 2, form: nil))
  }

  @Test("takes keys that the file lacks, and whole parts")
  func newKeys() throws {
    let recipe = try Recipe.parse(
      yaml: yaml, path: "r.yaml",
      settings: [
        ("schedule", "{exponential: {factor: 0.5}}"), ("checkpoint.every", "7"),
        ("tower.9.dense.l2", "0.25"), ("optimizer", "{sgd: {rate: 0.5}}"),
      ])
    #expect(recipe.schedule == .exponential(factor: 0.5, epochs: nil))
    #expect(recipe.checkpoint?.every == 7)
    #expect(recipe.optimizer.name == "sgd")
    #expect(recipe.yaml.contains("l2: 0.25"))
  }

  @Test("is refused when it names what is not known, lacks something, or cannot be")
  func refuses() {
    #expect(failure(yaml + "momentum: 1\n") == "momentum is not known")
    #expect(
      failure(yaml.replacingOccurrences(of: "rate: 0.25", with: "ratio: 0.25"))
        == "tower.2.dropout: dropout has no option ratio; did you mean rate?")
    #expect(failure(yaml.replacingOccurrences(of: "epochs: 13", with: "")) == "it lacks epochs")
    #expect(failure(yaml, [("batch", "0")]) != nil)
    #expect(failure(yaml, [("batch", "many")]) != nil)
    #expect(failure(yaml, [("bach", "3")]) == "bach is not known; did you mean batch?")
    #expect(failure(yaml, [("bach", "null")]) == "bach is not known; did you mean batch?")
    #expect(failure(yaml, [("schedule", "null")]) == nil)
    #expect(failure(yaml, [("epochs", "null")]) != nil)
    #expect(
      failure(yaml, [("optimizer.rmsprop.ro", "0.9")])
        == "optimizer.rmsprop: rmsprop has no option ro; did you mean rho?")
    #expect(failure(yaml, [("tower.99.dropout.rate", "0.1")])?.contains("0...9") == true)
    #expect(failure(yaml, [("batch.size", "3")])?.contains("single value") == true)
    #expect(failure(yaml, [("tower.2.dropout.rate", "0.1")]) == nil)
    #expect(
      failure(yaml.replacingOccurrences(of: "rmsprop:", with: "rmsprob:"))
        == "optimizer: there is no optimizer rmsprob; did you mean rmsprop?"
    )
    #expect(failure(yaml, [("tower", "3")]) == "tower: it must be a list, not a whole number")
    #expect(failure("") == "it is empty")
    #expect(failure("a: [") != nil)
  }
}
