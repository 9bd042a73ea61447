import TestSupport

@testable import Train

/// The recipes and networks of the project.
enum Manifests {
  static let library = RecipeLibrary(
    folder: "\(Surroundings.root)/manifests/recipes",
    networks: NetworkLibrary(folder: "\(Surroundings.root)/manifests/networks"))

  static func recipe(
    _ name: String, settings: [(key: String, value: String)] = [], isFaithful: Bool = false,
    samples: InputSamples? = nil
  ) throws -> Recipe {
    try Recipe.read(
      library.path(of: name), settings: settings, library: library, isFaithful: isFaithful,
      samples: samples)
  }
}
