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

    /// The columns with a text that must be broken into lines.
    fileprivate var long: Set<Int> {
      Set(
        heading.indices.filter { column in
          ([heading] + rows).contains { $0.indices.contains(column) && $0[column].count > 40 }
        })
    }

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
    /// The name of that section.
    var evidenceName = ""
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
    EscapedText.registration
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
    let long = table?.long ?? []
    func kind(_ column: Int) -> String {
      numeric.contains(column) ? "number" : long.contains(column) ? "long" : "text"
    }
    return [
      "title": section.title, "id": optional(section.id, "id"),
      "hasTiles": !section.tiles.isEmpty, "hasFindings": !section.findings.isEmpty,
      "hasPlots": !section.plots.isEmpty, "hasExhibits": !section.exhibits.isEmpty,
      "tiles": section.tiles.map { ["name": $0.name, "value": $0.value] },
      "findings": section.findings.map {
        [
          "level": $0.level.rawValue, "text": $0.text,
          "evidence": optional($0.evidence, "place"), "name": $0.evidenceName,
        ] as [String: Any]
      },
      "text": optional(section.text, "text"),
      "warnings": section.warnings.map { ["warning": $0] },
      "caption": table.map { $0.caption.isEmpty ? section.title : $0.caption } ?? "",
      // The heading says the same to readers that see it.
      "captionKind": table.map { $0.caption.isEmpty ? "heard" : "seen" } ?? "",
      "heading": (table?.heading ?? []).enumerated().map { ["cell": $1, "kind": kind($0)] },
      "rows": (table?.rows ?? []).map { row in
        [
          "cells": row.enumerated().dropFirst().map { ["cell": $1, "kind": kind($0)] },
          "first": row.first ?? "", "kind": kind(0),
        ] as [String: Any]
      },
      "hasTable": table != nil,
      "plots": section.plots.map(values),
      "drawings": section.drawings.map { ["svg": $0] },
      "exhibits": section.exhibits.map(values),
    ]
  }

  private static func values(_ plot: Plot) -> [String: Any] {
    [
      "title": plot.title, "svg": plot.svg, "x": plot.xLabel, "y": plot.yLabel,
      "rows": plot.data.map { row in
        ["first": row[0], "cells": row.dropFirst().map { ["cell": $0] }] as [String: Any]
      },
    ]
  }

  private static func values(_ exhibit: Exhibit) -> [String: Any] {
    [
      "caption": exhibit.caption, "kind": exhibit.isExact ? "exact" : "photo",
      "pictures": exhibit.pictures.map { picture, description in
        [
          "source": source(picture, isExact: exhibit.isExact), "description": description,
          "width": "\(exhibit.width ?? picture.width)",
        ]
      },
    ]
  }

  /// A value of the template that is written only if the text is not empty: an empty text counts as
  /// true there.
  private static func optional(_ text: String, _ name: String) -> [[String: String]] {
    text.isEmpty ? [] : [[name: text]]
  }

  private static func source(_ picture: Picture, isExact: Bool) -> String {
    let (type, bytes) = isExact ? ("png", picture.png) : ("jpeg", picture.jpeg)
    return "data:image/\(type);base64,\(Data(bytes).base64EncodedString())"
  }

  private static let template = """
    {{% CONTENT_TYPE:\(EscapedText.name)}}<!DOCTYPE html>
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
    h2, p, li, figcaption { overflow-wrap: anywhere; }
    .subtitle { color: var(--soft); margin: .2rem 0 0; overflow-wrap: anywhere; }
    .warning { border-left: 4px solid var(--alert); padding: .2rem 0 .2rem .8rem; margin: .5rem 0; }
    .tiles { display: flex; flex-wrap: wrap; gap: .6rem; padding: 0; margin: .5rem 0; list-style: none; }
    .tiles li { border: 1px solid var(--rule); border-radius: 6px; padding: .4rem .9rem; }
    .tiles b { display: block; font-size: 1.3rem; font-variant-numeric: tabular-nums; }
    .findings { list-style: none; padding: 0; } .findings li { padding: .15rem 0 .15rem .8rem;
      border-left: 4px solid var(--three); margin: .3rem 0; overflow-wrap: anywhere; }
    .findings .notice { border-color: #c27c0e; } .findings .wrong { border-color: var(--alert); }
    a { color: var(--one); }
    .scroll { overflow-x: auto;
      background: linear-gradient(to right, var(--paper) 1.5rem, transparent) local 0 0 / 3rem 100% no-repeat,
      linear-gradient(to left, var(--paper) 1.5rem, transparent) local 100% 0 / 3rem 100% no-repeat,
      linear-gradient(to right, var(--rule), transparent) 0 0 / .5rem 100% no-repeat,
      linear-gradient(to left, var(--rule), transparent) 100% 0 / .5rem 100% no-repeat; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
    caption { text-align: left; color: var(--soft); font-size: .9rem; }
    .heard { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
    th, td { padding: .25rem .9rem .25rem 0; text-align: left; border-bottom: 1px solid var(--rule);
      vertical-align: top; }
    tbody th { font-weight: 400; white-space: nowrap; } thead th { color: var(--soft); }
    th.number, td.number { text-align: right; white-space: nowrap; }
    thead th.number { white-space: normal; vertical-align: bottom; }
    tbody th.long, th.long, td.long { overflow-wrap: anywhere; min-width: 9em; white-space: normal; }
    details { font-size: .85rem; color: var(--soft); } summary { cursor: pointer; }
    .plots { display: flex; flex-wrap: wrap; gap: 1.5rem; }
    figure { margin: .5rem 0 0; flex: 1 1 400px; max-width: 460px; }
    figcaption { font-weight: 600; font-size: .9rem; }
    svg { width: 100%; height: auto; }
    .exhibits, .plots { margin-top: .8rem; }
    .exhibits { display: flex; flex-wrap: wrap; gap: .8rem; align-items: flex-start; }
    .exhibits figure { flex: 0 1 auto; max-width: 100%; margin: 0; }
    .exhibits figcaption { font-weight: 400; font-size: .8rem; color: var(--soft); max-width: 220px;
      overflow-wrap: anywhere; }
    .exhibits img { max-width: 100%; height: auto; } .exact { image-rendering: pixelated; }
    @media print { .scroll { overflow-x: visible; background: none; } figure, tr { break-inside: avoid; }
      h2, figcaption { break-after: avoid; } .scroll th, .scroll td { white-space: normal; overflow-wrap: anywhere; min-width: 0; }
      details { display: none; } }
    \(Plot.style)
    </style>
    </head>
    <body>
    <main>
    <h1><bdi>{{title}}</bdi></h1>
    <p class="subtitle"><bdi>{{subtitle}}</bdi></p>
    {{#sections}}
    <h2{{#id}} id="{{id}}"{{/id}}>{{title}}</h2>
    {{#hasTiles}}<ul class="tiles">{{#tiles}}<li><b>{{value}}</b> {{name}}</li>{{/tiles}}</ul>{{/hasTiles}}
    {{#hasFindings}}<ul class="findings">{{#findings}}<li class="{{level}}">{{text}}{{#evidence}} <a href="#{{place}}">See {{name}}.</a>{{/evidence}}</li>
    {{/findings}}</ul>{{/hasFindings}}
    {{#warnings}}<p class="warning">{{warning}}</p>{{/warnings}}
    {{#text}}<p>{{text}}</p>{{/text}}
    {{#hasTable}}
    <div class="scroll" tabindex="0" role="region" aria-label="{{caption}}"><table>
    <caption class="{{captionKind}}">{{caption}}</caption>
    <thead><tr>{{#heading}}<th scope="col" class="{{kind}}">{{cell}}</th>{{/heading}}</tr></thead>
    <tbody>
    {{#rows}}
    <tr><th scope="row" class="{{kind}}"><bdi>{{first}}</bdi></th>{{#cells}}<td class="{{kind}}"><bdi>{{cell}}</bdi></td>{{/cells}}</tr>
    {{/rows}}
    </tbody></table></div>
    {{/hasTable}}
    {{#hasPlots}}
    <div class="plots">
    {{#plots}}
    <figure><figcaption>{{title}}</figcaption>{{{svg}}}
    <details><summary>Data</summary><div class="scroll" tabindex="0" role="region" aria-label="{{title}}: data"><table>
    <caption>{{title}}</caption><thead><tr><th scope="col">series</th><th scope="col">{{x}}</th><th scope="col">{{y}}</th></tr></thead>
    <tbody>{{#rows}}<tr><th scope="row"><bdi>{{first}}</bdi></th>{{#cells}}<td class="number">{{cell}}</td>{{/cells}}</tr>
    {{/rows}}</tbody></table></div></details></figure>
    {{/plots}}
    </div>
    {{/hasPlots}}
    {{#drawings}}<div class="scroll" tabindex="0" role="region" aria-label="drawing">{{{svg}}}</div>{{/drawings}}
    {{#hasExhibits}}
    <div class="exhibits">
    {{#exhibits}}
    <figure>{{#pictures}}<img src="{{source}}" alt="{{description}}" title="{{description}}" width="{{width}}" class="{{kind}}"> {{/pictures}}
    <figcaption><bdi>{{caption}}</bdi></figcaption></figure>
    {{/exhibits}}
    </div>
    {{/hasExhibits}}
    {{/sections}}
    </main>
    </body>
    </html>

    """
}
