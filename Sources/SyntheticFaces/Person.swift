import Randomness

/// The recognisable features of a drawn person; lengths are in head heights.
struct Person {
  let skin: Double
  let headWidth: Double
  let jaw: Double
  let eyeGap: Double
  let eyeSize: Double
  let eyeHeight: Double
  let browTilt: Double
  let browThickness: Double
  let browHeight: Double
  let noseLength: Double
  let noseWidth: Double
  let mouthWidth: Double
  let mouthHeight: Double
  let lipThickness: Double
  let hair: Double
  let hairLine: Double
  let hairSides: Double
  let hasGlasses: Bool
  let hasBeard: Bool
  let background: Double

  /// Creates the person with this number in the set with this seed.
  init(seed: Int, number: Int) {
    var random = RandomStream(seed: seed, "person", number)
    func between(_ low: Double, _ high: Double) -> Double {
      low + (high - low) * random.uniform()
    }
    skin = between(0.45, 0.85)
    headWidth = between(0.62, 0.82)
    jaw = between(0.55, 0.95)
    eyeGap = between(0.15, 0.22)
    eyeSize = between(0.045, 0.075)
    eyeHeight = between(-0.08, 0.0)
    browTilt = between(-0.25, 0.25)
    browThickness = between(0.012, 0.035)
    browHeight = between(0.08, 0.13)
    noseLength = between(0.14, 0.24)
    noseWidth = between(0.035, 0.075)
    mouthWidth = between(0.11, 0.2)
    mouthHeight = between(0.24, 0.32)
    lipThickness = between(0.015, 0.04)
    hair = between(0.05, 0.6)
    hairLine = between(-0.42, -0.24)
    hairSides = between(0, 0.6)
    hasGlasses = random.uniform() < 0.25
    hasBeard = random.uniform() < 0.2
    background = between(0.1, 0.4)
  }
}

/// The properties that vary between the images of a person.
struct Pose {
  let shiftX: Double
  let shiftY: Double
  let scale: Double
  let turn: Double
  let nod: Double
  let smile: Double
  let lightX: Double
  let lightY: Double
  let brightness: Double
  let noise: Double

  init(seed: Int, person: Int, number: Int) {
    var random = RandomStream(seed: seed, "pose", person, number)
    func between(_ low: Double, _ high: Double) -> Double {
      low + (high - low) * random.uniform()
    }
    shiftX = between(-3, 3)
    shiftY = between(-3, 3)
    scale = between(0.93, 1.07)
    turn = between(-0.09, 0.09)
    nod = between(-0.03, 0.03)
    smile = between(-0.03, 0.05)
    lightX = between(-0.25, 0.25)
    lightY = between(-0.15, 0.15)
    brightness = between(-0.06, 0.06)
    noise = between(0.01, 0.03)
  }
}
