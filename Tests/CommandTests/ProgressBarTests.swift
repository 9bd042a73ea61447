import Testing

@testable import CommandSupport

@Suite("A progress bar")
struct ProgressBarTests {
  private func text(_ done: Int, _ total: Int, seconds: Double, columns: Int = 80) -> String {
    ProgressBar.text(
      title: "ingest", unit: "images", done: done, total: total, seconds: seconds, postfix: "",
      columns: columns)
  }

  @Test("has the shape of tqdm and fits the terminal")
  func shape() {
    #expect(text(45, 100, seconds: 9).contains("ingest:  45%|"))
    #expect(text(45, 100, seconds: 9).hasSuffix("| 45/100 [00:09<00:11, 5.0 images/s]"))
    #expect(text(100, 100, seconds: 3_700).hasSuffix("| 100/100 [1:01:40<00:00, 0.0 images/s]"))
    for columns in [20, 40, 80, 200] {
      #expect(text(7, 9, seconds: 1, columns: columns).count < columns)
    }
    #expect(text(0, 0, seconds: 0).contains("100%|"))
  }
}
