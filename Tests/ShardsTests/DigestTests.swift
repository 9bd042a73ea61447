import Shards
import TestSupport
import Testing

@Suite("A digest")
struct DigestTests {
  /// Examples of FIPS 180-4, and of the additional ones that NIST publishes with it.
  @Test(
    "is SHA-256",
    arguments: [
      ("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
      ("a", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ])
  func sha256(part: String, repeats: Int, expected: String) {
    let text = String(repeating: part, count: repeats)
    #expect(Digest.sha256(Array(text.utf8)) == expected)
    Array(text.utf8).withUnsafeBytes { #expect(Digest.sha256($0) == expected) }
    var running = Digest.Running()
    for _ in 0..<repeats { Array(part.utf8).withUnsafeBytes { running.update($0) } }
    #expect(running.finalize() == expected)
  }

  /// Examples of RFC 1321, A.5.
  @Test(
    "of a list is MD5",
    arguments: [
      ("", "d41d8cd98f00b204e9800998ecf8427e"),
      ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
    ])
  func md5(text: String, expected: String) {
    #expect(Digest.md5(Array(text.utf8)) == expected)
  }

  @Test("that is copied goes on by itself, and can go on after its result was taken")
  func copies() {
    func added(_ text: String, to running: Digest.Running) -> Digest.Running {
      var running = running
      Array(text.utf8).withUnsafeBytes { running.update($0) }
      return running
    }
    let first = added("a", to: Digest.Running())
    let one = added("bc", to: first)
    let other = added("d", to: first)
    #expect(first.finalize() == Digest.sha256(Array("a".utf8)))
    #expect(one.finalize() == Digest.sha256(Array("abc".utf8)))
    #expect(other.finalize() == Digest.sha256(Array("ad".utf8)))
    #expect(added("e", to: one).finalize() == Digest.sha256(Array("abce".utf8)))
  }

  @Test("of lines ends each of them with a newline")
  func lines() {
    var builder = DigestBuilder()
    for line in ["one", "", "three"] { builder.update(line: line) }
    #expect(builder.finalize() == Digest.sha256(Array("one\n\nthree\n".utf8)))
  }

  @Test("of a file is that of its bytes, which are read in parts, whatever its length")
  func fileDigest() throws {
    let scratch = try TemporaryFolder()
    for count in [0, 1, 1 << 20, 3 << 20, (2 << 20) + 17] {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 9) }
      try scratch.write(bytes, to: "file")
      #expect(Digest.sha256(file: scratch.file("file")) == Digest.sha256(bytes))
    }
    #expect(Digest.sha256(file: scratch.file("none")) == Digest.sha256([]))
  }
}
