extension RecipeLibrary {
  /// Reads all recipes, by name.
  ///
  /// - Parameter samples: the samples of a store, for recipes that take any.
  /// - Returns: the recipes.
  /// - Throws: `ConfigurationError`.
  public func all(samples: InputSamples? = nil) throws -> [Recipe] {
    try names.map { try Recipe.read(path(of: $0), library: self, samples: samples) }
  }

  /// The default recipe for a dataset and a number of training identities, by its name.
  ///
  /// A dataset without a default recipe is treated like a folder of photographs.
  ///
  /// - Parameters:
  ///   - dataset: the name of the dataset.
  ///   - identities: the number of training identities.
  ///   - samples: the samples of the store.
  /// - Returns: the first recipe that fits, by name.
  /// - Throws: ``TrainError/noRecipe(dataset:known:)`` if none does.
  public func defaultRecipe(
    dataset: String, identities: Int, samples: InputSamples
  ) throws -> Recipe {
    let recipes = try all(samples: samples)
    func fitting(_ dataset: String) -> Recipe? {
      recipes.first {
        $0.isDefault == true && $0.datasets.contains(dataset)
          && $0.identities?.contains(identities) ?? true
      }
    }
    guard let recipe = fitting(dataset) ?? fitting("folder") else {
      throw TrainError.noRecipe(dataset: dataset, known: recipes.map(\.name))
    }
    return recipe
  }
}
