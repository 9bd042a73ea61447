/// Returns a number with its noun, as "1 image" and "2 images".
public func counted(_ number: Int, _ one: String, _ many: String) -> String {
  "\(number) \(number == 1 ? one : many)"
}
