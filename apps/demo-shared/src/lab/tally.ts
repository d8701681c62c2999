/** How a text that was received compares with the whole of it, in characters. */
export interface Tally {
  readonly correct: number
  /** Of what comes before the furthest place that was reached; of everything, where nothing more will come. */
  readonly missing: number
  /** There twice, or never said. */
  readonly extra: number
}

// So many characters in a row are found at one place of the text, and not at a second one by chance.
const anchor = 24
// What is lost with one event or a few, in characters: looked for first.
const near = 64

/**
 * Compares `received` with `whole`, from the front: what does not go on where it should is looked for elsewhere. `over`:
 * whether nothing more will come. Linear in the length of what is received, but for each place where something is wrong.
 */
export function tally(received: string, whole: string, over: boolean): Tally {
  let place = 0
  let correct = 0
  let missing = 0
  let extra = 0
  let at = 0
  /** After what does not belong there, a single letter that is right is right by chance. */
  let lost = false
  while (at < received.length) {
    const fits = place < whole.length && received[at] === whole[place]
    if (fits && (!lost || whole.startsWith(received.slice(at, at + anchor), place))) {
      lost = false
      correct++
      at++
      place++
      continue
    }
    const ahead = findAhead(received, at, whole, place)
    const again = ahead < 0 || ahead - place > near ? repeated(received, at, whole, place) : 0
    if (ahead >= 0 && again === 0) {
      missing += ahead - place
      place = ahead
      lost = false
      continue
    }
    extra += Math.max(1, again)
    at += Math.max(1, again)
    lost = true
  }
  return { correct, missing: missing + (over ? whole.length - place : 0), extra }
}

/** Where what begins at `at` goes on in `whole`, later than at `place`; -1 where it does not. */
function findAhead(received: string, at: number, whole: string, place: number): number {
  const next = received.slice(at, at + anchor)
  return next.length < anchor ? -1 : whole.indexOf(next, place)
}

/**
 * How many characters, from `at` on, are said a second time: those of a piece of `whole` that ends where `place` is, or that
 * is not over yet. 0 where there is none.
 */
function repeated(received: string, at: number, whole: string, place: number): number {
  const next = received.slice(at, at + anchor)
  for (let behind = whole.lastIndexOf(next, place - 1); behind >= 0; ) {
    const most = Math.min(received.length - at, place - behind)
    if (received.startsWith(whole.slice(behind, behind + most), at)) return most
    behind = behind === 0 ? -1 : whole.lastIndexOf(next, behind - 1)
  }
  return 0
}
