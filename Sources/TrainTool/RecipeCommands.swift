import ArgumentParser
import CommandSupport
import Neural
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
    let recipes = try Recipe.all(in: Installation.manifests("recipes"))
    for recipe in recipes { output.line("recipe", Line(name: recipe.name, title: recipe.title)) }
    output.summary(Summary(recipes: recipes.count)) {
      recipes.map { "\($0.name)  \($0.title)" }.joined(separator: "\n")
    }
  }
}

/// `train describe`.
struct DescribeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe", abstract: "Shows a recipe's network layer by layer.")

  @Argument(help: ArgumentHelp("A recipe's name or FILE.yaml.", valueName: "name"))
  var name: String

  @OptionGroup var output: OutputOptions

  private struct Line: Encodable {
    let layer: String
    let output: String
    let parameters: Int
    let multiplyAdds: Int
  }

  private struct Summary: Encodable {
    let recipe: String
    let input: String
    let parameters: Int
    let trainable: Int
    let nonTrainable: Int
    let multiplyAdds: Int
  }

  func run() async throws {
    let recipe = try RecipeFinder.find(name)
    _ = try Machine.start(threads: 1)
    let lines = try recipe.describe().map {
      Line(
        layer: $0.name, output: $0.output.description, parameters: $0.parameters,
        multiplyAdds: $0.multiplyAdds)
    }
    for line in lines { output.line("layer", line) }
    let parameters = lines.reduce(0) { $0 + $1.parameters }
    let summary = Summary(
      recipe: recipe.name, input: recipe.inputShape.description, parameters: parameters,
      trainable: parameters, nonTrainable: 0,
      multiplyAdds: lines.reduce(0) { $0 + $1.multiplyAdds })
    output.summary(summary) {
      let rows = lines.map { [$0.layer, $0.output, "\($0.parameters)", "\($0.multiplyAdds)"] }
      let table = TextTable(
        ["layer", "output", "parameters", "multiply-adds"],
        [["input", summary.input, "", ""]] + rows
          + [["total", "", "\(parameters)", "\(summary.multiplyAdds)"]])
      return "\(recipe.title)\n\(table.text)"
    }
  }
}
