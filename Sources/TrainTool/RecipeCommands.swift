import ArgumentParser
import CommandSupport
import Train

/// `train recipes`.
struct RecipesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "recipes", abstract: "Lists the recipes, one line each.")

  @OptionGroup var output: OutputOptions

  private struct Line: Encodable {
    let name: String
    let title: String
  }

  private struct Summary: Encodable {
    let recipes: Int
  }

  func run() async throws {
    let recipes = try RecipeFinder.library().all()
    for recipe in recipes { output.line("recipe", Line(name: recipe.name, title: recipe.title)) }
    output.summary(Summary(recipes: recipes.count)) {
      recipes.map { "\($0.name)  \($0.title)" }.joined(separator: "\n")
    }
  }
}
