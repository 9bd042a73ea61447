/// A list of people in LFW's text format.
///
/// A set is a count, followed by that number of rows with a name and the number of that person's
/// images. If there is more than one set, the number of sets comes first.
public struct PeopleList: Sendable {
  /// A person and the number of that person's images, at least 1.
  public typealias Person = (name: String, images: Int)

  /// The people of each set.
  public let sets: [[Person]]

  /// Reads a list.
  ///
  /// - Throws: ``ListError`` that names the first line that is wrong.
  public init(_ file: ListFile) throws(ListError) {
    var sets: [[(name: String, images: Int)]] = []
    var index = 0
    func count() throws(ListError) -> Int {
      guard index < file.lines.count else {
        throw file.failure(file.lines.count - 1, "the list ends before its last set")
      }
      guard let count = Int(file.lines[index]), count > 0 else {
        throw file.failure(index, "a count should stand here")
      }
      index += 1
      return count
    }
    // With one set the first number is its count, and a name follows.
    let isSingle = file.lines.count > 1 && Int(file.lines[1]) == nil
    let total = try isSingle ? 1 : count()
    for _ in 0..<total {
      var people: [(name: String, images: Int)] = []
      for _ in 0..<(try count()) {
        guard index < file.lines.count else {
          throw file.failure(
            file.lines.count - 1, "the list ends before set \(sets.count + 1) does")
        }
        let fields = file.lines[index].split(separator: "\t", omittingEmptySubsequences: false)
        guard fields.count == 2, !fields[0].isEmpty, let images = Int(fields[1]), images > 0 else {
          throw file.failure(index, "a name and the number of that person's images belong here")
        }
        people.append((String(fields[0]), images))
        index += 1
      }
      sets.append(people)
    }
    guard index == file.lines.count else {
      throw file.failure(index, "the list continues after its last set")
    }
    self.sets = sets
  }
}
