import Foundation

/// A file that appears under its name either complete or not at all.
///
/// It is written under a temporary name. ``commit()`` flushes it to disk, renames it and flushes
/// the folder. If it is deinitialised before that, the temporary file is removed.
public struct DurableFile: ~Copyable, Sendable {
  /// The prefix of temporary file names; a later run may remove such files.
  public static let temporaryPrefix = ".tmp-"

  private let path: String
  private let temporaryPath: String
  private let folder: String
  private let descriptor: Int32

  /// Creates a temporary file next to `path`, with access for group and others according to the
  /// process's umask.
  public init(path: String) throws(ShardError) {
    let url = URL(fileURLWithPath: path)
    self.path = path
    folder = url.deletingLastPathComponent().path
    // An unpredictable name that must not exist as a file or link, because the folder may be
    // writable by others.
    let number = String(UInt64.random(in: .min ... .max), radix: 16)
    temporaryPath = "\(folder)/\(Self.temporaryPrefix)\(number)-\(url.lastPathComponent)"
    descriptor = open(temporaryPath, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw .system(operation: "create", path: path, code: errno)
    }
  }

  /// Writes all of `bytes` at `offset`.
  public borrowing func write(
    _ bytes: UnsafeRawBufferPointer, at offset: Int
  ) throws(ShardError) {
    var done = 0
    while done < bytes.count {
      let count = pwrite(
        descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw .system(operation: "write", path: path, code: errno) }
      done += count
    }
  }

  /// Writes the bytes of all elements at `offset`.
  borrowing func write<Element>(_ elements: [Element], at offset: Int) throws(ShardError) {
    let failure: ShardError? = elements.withUnsafeBytes { bytes in
      do throws(ShardError) {
        try write(bytes, at: offset)
        return nil
      } catch { return error }
    }
    if let failure { throw failure }
  }

  /// Copies `count` bytes of the file to an earlier offset.
  borrowing func moveForward(from: Int, to: Int, count: Int) throws(ShardError) {
    var buffer = [UInt8](repeating: 0, count: min(count, 1 << 20))
    var done = 0
    while done < count {
      let wanted = min(count - done, buffer.count)
      let got = pread(descriptor, &buffer, wanted, off_t(from + done))
      if got < 0 && errno == EINTR { continue }
      guard got > 0 else { throw .system(operation: "read", path: path, code: errno) }
      try write(Array(buffer[..<got]), at: to + done)
      done += got
    }
  }

  /// Sets the length of the file.
  public borrowing func truncate(to byteCount: Int) throws(ShardError) {
    guard ftruncate(descriptor, off_t(byteCount)) == 0 else {
      throw .system(operation: "truncate", path: path, code: errno)
    }
  }

  /// The path of the unfinished file.
  var unfinishedPath: String { temporaryPath }

  /// Flushes the file, renames it to its final name and flushes the folder.
  public borrowing func commit() throws(ShardError) {
    guard fsync(descriptor) == 0 else {
      throw .system(operation: "fsync", path: path, code: errno)
    }
    guard rename(temporaryPath, path) == 0 else {
      throw .system(operation: "rename", path: path, code: errno)
    }
    try Self.synchronizeFolder(folder)
  }

  deinit {
    // After the rename this name no longer exists.
    unlink(temporaryPath)
    close(descriptor)
  }

  /// Flushes the entries of a folder to disk.
  public static func synchronizeFolder(_ folder: String) throws(ShardError) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(operation: "open", path: folder, code: errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw .system(operation: "fsync", path: folder, code: errno)
    }
  }

  /// Links immutable files to second paths in one folder, durably, or copies those whose folders
  /// are on different file systems.
  public static func link(_ files: [(source: String, path: String)]) throws(ShardError) {
    for (source, path) in files { try linkOrCopy(source, to: path) }
    if let path = files.first?.path {
      try synchronizeFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    }
  }

  private static func linkOrCopy(_ source: String, to path: String) throws(ShardError) {
    if Glibc.link(source, path) == 0 { return }
    guard errno == EXDEV || errno == EPERM || errno == EMLINK || errno == EOPNOTSUPP else {
      throw .system(operation: "link", path: path, code: errno)
    }
    let original = open(source, O_RDONLY | O_CLOEXEC)
    guard original >= 0 else { throw .system(operation: "open", path: source, code: errno) }
    defer { close(original) }
    let copy = try DurableFile(path: path)
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var offset = 0
    while true {
      let count = pread(original, &buffer, buffer.count, off_t(offset))
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .system(operation: "read", path: source, code: errno) }
      if count == 0 { break }
      try copy.write(Array(buffer.prefix(count)), at: offset)
      offset += count
    }
    try copy.commit()
  }

  /// Writes a complete file durably.
  public static func write(_ text: String, to path: String) throws(ShardError) {
    try write(Array(text.utf8), to: path)
  }

  /// Writes a complete file durably.
  public static func write(_ bytes: [UInt8], to path: String) throws(ShardError) {
    let file = try DurableFile(path: path)
    try file.write(bytes, at: 0)
    try file.commit()
  }
}
