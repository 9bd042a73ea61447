import Foundation
import TestSupport
import Testing

@Suite("The documentation")
struct DocumentationTests {
  @Test("has the help of every command as the tools give it")
  func commands() throws {
    let written = try Tool(path: "\(Surroundings.root)/scripts/commands").run()
    #expect(written.code == 0, "\(written.error)")
    let kept = try String(
      contentsOfFile: "\(Surroundings.root)/Documentation/Commands.md", encoding: .utf8)
    #expect(written.output == kept, "run scripts/commands > Documentation/Commands.md")
  }

  @Test("names every command of both tools")
  func names() throws {
    let kept = try String(
      contentsOfFile: "\(Surroundings.root)/Documentation/Commands.md", encoding: .utf8)
    for (name, tool) in [("prep", Tool.prep), ("train", Tool.train)] {
      let help = try tool.run("--help").output
      let list = help.components(separatedBy: "SUBCOMMANDS:").last ?? ""
      let commands = list.split(separator: "\n").compactMap { line in
        line.prefixMatch(of: #/  ([a-z-]+) /#)?.1
      }
      #expect(commands.count >= 3)
      for command in commands { #expect(kept.contains("## \(name) \(command)\n"), "\(command)") }
    }
  }
}
