import Foundation
internal import Mustache
import Plots

/// A page in one HTML file, without scripts or external resources.
struct Page {
  /// A table with a heading; numbers are aligned to the right.
  struct Table {
    let heading: [String]
    let rows: [[String]]
    var caption = ""

    /// The columns in which every cell that is not empty begins with a digit or a sign, except the
    /// first column.
    fileprivate var numeric: Set<Int> {
      Set(
        heading.indices.dropFirst().filter { column in
          let cells = rows.compactMap { $0.indices.contains(column) ? $0[column] : nil }
            .filter { !$0.isEmpty && $0 != "-" }
          return !cells.isEmpty
            && cells.allSatisfy {
              $0.wholeMatch(of: /[-+]?[0-9][0-9.,]*( ?%)?( ± [0-9.]+)?/) != nil
            }
        })
    }
  }

  /// Pictures beside each other with a caption.
  struct Exhibit {
    /// The pictures and their descriptions for readers that do not see them.
    let pictures: [(picture: Picture, description: String)]
    let caption: String
    /// The width of each picture on the page in pixels; `nil` for its own.
    var width: Int?
    /// Whether the pixels are stored without loss.
    var isExact = false
  }

  /// A sentence with the weight of its content.
  struct Finding {
    /// How much a finding matters.
    enum Level: String {
      /// Nothing is wrong.
      case good
      /// Something to know.
      case notice
      /// Figures computed from it would be wrong.
      case wrong
    }

    let level: Level
    let text: String
    /// The id of the section with the evidence; "" for none.
    var evidence = ""
  }

  /// One part of a page.
  struct Section {
    let title: String
    /// The name that links refer to; "" for none.
    var id: String = ""
    /// Numbers with their names, shown large.
    var tiles: [(name: String, value: String)] = []
    var findings: [Finding] = []
    var text: String = ""
    var warnings: [String] = []
    var table: Table?
    var plots: [Plot] = []
    var exhibits: [Exhibit] = []
    /// SVG text of this project.
    var drawings: [String] = []
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
      "sections": sections.map(Self.values),
    ])
  }

  private static func values(_ section: Section) -> [String: Any] {
    let table = section.table
    let numeric = table?.numeric ?? []
    func kind(_ column: Int) -> String { numeric.contains(column) ? "number" : "text" }
    return [
      "title": section.title, "id": section.id,
      "tiles": section.tiles.map { ["name": $0.name, "value": $0.value] },
      "findings": section.findings.map {
        [
          "level": $0.level.rawValue, "text": $0.text,
          "evidence": $0.evidence.isEmpty ? [] : [["place": $0.evidence]],
        ] as [String: Any]
      },
      "text": section.text,
      "warnings": section.warnings.map { ["warning": $0] },
      "caption": table?.caption ?? "",
      "heading": (table?.heading ?? []).enumerated().map { ["cell": $1, "kind": kind($0)] },
      "rows": (table?.rows ?? []).map { row in
        [
          "cells": row.enumerated().dropFirst().map { ["cell": $1, "kind": kind($0)] },
          "first": row.first ?? "",
        ] as [String: Any]
      },
      "hasTable": table != nil,
      "plots": section.plots.map { ["title": $0.title, "svg": $0.svg] },
      "drawings": section.drawings.map { ["svg": $0] },
      "exhibits": section.exhibits.map { exhibit in
        [
          "caption": exhibit.caption, "kind": exhibit.isExact ? "exact" : "photo",
          "pictures": exhibit.pictures.map { picture, description in
            [
              "source": source(picture, isExact: exhibit.isExact), "description": description,
              "width": "\(exhibit.width ?? picture.width)",
            ]
          },
        ] as [String: Any]
      },
    ]
  }

  private static func source(_ picture: Picture, isExact: Bool) -> String {
    let (type, bytes) = isExact ? ("png", picture.png) : ("jpeg", picture.jpeg)
    return "data:image/\(type);base64,\(Data(bytes).base64EncodedString())"
  }

  private static let template = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>{{title}}</title>
    <style>
    :root { color-scheme: light dark; \(Plot.lightColors) --alert: #b42318; }
    @media (prefers-color-scheme: dark) { :root { \(Plot.darkColors) --alert: #f97066; } }
    body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
      max-width: 960px; margin: 2rem auto; padding: 0 1rem; }
    h1 { font-size: 1.5rem; margin: 0; overflow-wrap: anywhere; }
    h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
    .subtitle { color: var(--soft); margin: .2rem 0 0; overflow-wrap: anywhere; }
    .warning { border-left: 4px solid var(--alert); padding: .2rem 0 .2rem .8rem; margin: .5rem 0; }
    .tiles { display: flex; flex-wrap: wrap; gap: .6rem; padding: 0; margin: .5rem 0; list-style: none; }
    .tiles li { border: 1px solid var(--rule); border-radius: 6px; padding: .4rem .9rem; }
    .tiles b { display: block; font-size: 1.3rem; font-variant-numeric: tabular-nums; }
    .findings { list-style: none; padding: 0; } .findings li { padding: .15rem 0 .15rem .8rem;
      border-left: 4px solid var(--three); margin: .3rem 0; overflow-wrap: anywhere; }
    .findings .notice { border-color: #c27c0e; } .findings .wrong { border-color: var(--alert); }
    a { color: var(--one); }
    .scroll { overflow-x: auto; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
    caption { text-align: left; color: var(--soft); font-size: .9rem; }
    th, td { padding: .25rem .9rem .25rem 0; text-align: left; border-bottom: 1px solid var(--rule);
      vertical-align: top; }
    tbody th { font-weight: 400; white-space: nowrap; } thead th { color: var(--soft); }
    th.number, td.number { text-align: right; white-space: nowrap; }
    .plots { display: flex; flex-wrap: wrap; gap: 1.5rem; }
    figure { margin: .5rem 0 0; flex: 1 1 400px; max-width: 460px; }
    figcaption { font-weight: 600; font-size: .9rem; }
    svg { width: 100%; height: auto; }
    .exhibits { display: flex; flex-wrap: wrap; gap: .8rem; align-items: flex-start; }
    .exhibits figure { flex: 0 1 auto; max-width: 100%; margin: 0; }
    .exhibits figcaption { font-weight: 400; font-size: .8rem; color: var(--soft); max-width: 220px;
      overflow-wrap: anywhere; }
    .exhibits img { max-width: 100%; height: auto; } .exact { image-rendering: pixelated; }
    @media print { .scroll { overflow-x: visible; } figure { break-inside: avoid; } }
    \(Plot.style)
    </style>
    </head>
    <body>
    <h1><bdi>{{title}}</bdi></h1>
    <p class="subtitle"><bdi>{{subtitle}}</bdi></p>
    {{#sections}}
    <h2{{#id}} id="{{id}}"{{/id}}>{{title}}</h2>
    <ul class="tiles">{{#tiles}}<li><b>{{value}}</b> {{name}}</li>{{/tiles}}</ul>
    <ul class="findings">{{#findings}}<li class="{{level}}">{{text}}{{#evidence}} <a href="#{{place}}">See there.</a>{{/evidence}}</li>
    {{/findings}}</ul>
    {{#warnings}}<p class="warning">{{warning}}</p>{{/warnings}}
    {{#text}}<p>{{text}}</p>{{/text}}
    {{#hasTable}}
    <div class="scroll" tabindex="0"><table>
    {{#caption}}<caption>{{caption}}</caption>{{/caption}}
    <thead><tr>{{#heading}}<th scope="col" class="{{kind}}">{{cell}}</th>{{/heading}}</tr></thead>
    <tbody>
    {{#rows}}
    <tr><th scope="row"><bdi>{{first}}</bdi></th>{{#cells}}<td class="{{kind}}"><bdi>{{cell}}</bdi></td>{{/cells}}</tr>
    {{/rows}}
    </tbody></table></div>
    {{/hasTable}}
    <div class="plots">
    {{#plots}}
    <figure><figcaption>{{title}}</figcaption>{{{svg}}}</figure>
    {{/plots}}
    </div>
    {{#drawings}}<div>{{{svg}}}</div>{{/drawings}}
    <div class="exhibits">
    {{#exhibits}}
    <figure>{{#pictures}}<img src="{{source}}" alt="{{description}}" width="{{width}}" class="{{kind}}"> {{/pictures}}
    <figcaption><bdi>{{caption}}</bdi></figcaption></figure>
    {{/exhibits}}
    </div>
    {{/sections}}
    </body>
    </html>

    """
}
