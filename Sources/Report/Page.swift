internal import Mustache
import Plots

/// A page in one HTML file, without scripts or external resources.
struct Page {
  /// A table with a heading.
  struct Table {
    let heading: [String]
    let rows: [[String]]
  }

  /// One part of a page.
  struct Section {
    let title: String
    var text: String = ""
    var table: Table?
    var plots: [Plot] = []
  }

  let title: String
  let subtitle: String
  let sections: [Section]

  /// The page as HTML; every text is escaped.
  func render() throws -> String {
    let template = try MustacheTemplate(string: Self.template)
    return template.render([
      "title": title,
      "subtitle": subtitle,
      "sections": sections.map { section in
        [
          "title": section.title,
          "text": section.text,
          "heading": (section.table?.heading ?? []).map { ["cell": $0] },
          "rows": (section.table?.rows ?? []).map { ["cells": $0.map { ["cell": $0] }] },
          "hasTable": section.table != nil,
          "plots": section.plots.map { ["title": $0.title, "svg": $0.svg] },
        ] as [String: Any]
      },
    ])
  }

  private static let template = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{{title}}</title>
    <style>
    :root { color-scheme: light dark; \(Plot.lightColors) }
    @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --soft: #9aa6b6;
      --paper: #14181e; --rule: #333b46; --one: #6aaee8; --two: #f0937f; } }
    body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
      max-width: 960px; margin: 2rem auto; padding: 0 1rem; }
    h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
    .subtitle { color: var(--soft); margin: .2rem 0 0; overflow-wrap: anywhere; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
    th, td { padding: .25rem .9rem .25rem 0; text-align: left; border-bottom: 1px solid var(--rule);
      overflow-wrap: anywhere; }
    th, td:first-child { white-space: nowrap; }
    th { color: var(--soft); font-weight: 600; }
    .plots { display: flex; flex-wrap: wrap; gap: 1.5rem; }
    figure { margin: .5rem 0 0; flex: 1 1 400px; max-width: 460px; }
    figcaption { font-weight: 600; font-size: .9rem; }
    svg { width: 100%; height: auto; }
    \(Plot.style)
    </style>
    </head>
    <body>
    <h1>{{title}}</h1>
    <p class="subtitle">{{subtitle}}</p>
    {{#sections}}
    <h2>{{title}}</h2>
    {{#text}}<p>{{text}}</p>{{/text}}
    {{#hasTable}}
    <table>
    <tr>{{#heading}}<th>{{cell}}</th>{{/heading}}</tr>
    {{#rows}}
    <tr>{{#cells}}<td>{{cell}}</td>{{/cells}}</tr>
    {{/rows}}
    </table>
    {{/hasTable}}
    <div class="plots">
    {{#plots}}
    <figure><figcaption>{{title}}</figcaption>{{{svg}}}</figure>
    {{/plots}}
    </div>
    {{/sections}}
    </body>
    </html>

    """
}
