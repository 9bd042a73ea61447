import CommandSupport
import Plots
import Report

/// The files of a report: the page, and its charts as SVG and PNG.
enum PageFiles {
  /// Writes the files into a folder.
  ///
  /// - Returns: the path of the page.
  static func write(_ page: EvaluationPage, to folder: String) throws -> String {
    let path = "\(folder)/index.html"
    try ReportFile.write(page.html(), to: path)
    for (name, chart) in page.charts {
      try ReportFile.write(chart, to: "\(folder)/\(name)")
      if let png = PNG.draw(chart) {
        try ReportFile.write(bytes: png, to: "\(folder)/\(name.replacing(".svg", with: ".png"))")
      }
    }
    return path
  }
}
