const QUOTE = 34
const BACKSLASH = 92
const COMMA = 44
const COLON = 58

// Deep enough for any structured output, and shallow enough for those who walk over the value by recursion.
const maxDepth = 500
const literals = ['true', 'false', 'null']

/**
 * The value of JSON that is still growing, such as the `text` of a structured output or the `arguments` of a tool call.
 *
 * Strings, arrays and objects that are open are closed; a literal is completed; a number counts as far as it has come. Left
 * out is what cannot be told yet: half an escape or half a surrogate pair, a key without its value, a lone minus. The whole
 * text gives what `JSON.parse` gives. `undefined` where nothing can be told yet, where the text is no beginning of JSON, and
 * where it is nested more than 500 levels deep. Never throws.
 *
 * It costs one look at the text and one `JSON.parse`, together about 1.5 times a `JSON.parse` of it (benchmarks/partial-json.ts):
 * linear in the length, and small enough to be done once a frame. Every call makes a new value, so a component remembers it.
 */
export function parsePartial(text: string): unknown {
  try {
    return read(text)
  } catch {
    return undefined
  }
}

/** Finds out what `text` lacks. Whether it is sound is left to `JSON.parse`. */
function read(text: string): unknown {
  /** What would close the brackets that are open, the innermost first. */
  let closers = ''
  /** Up to here everything is kept: it ends with a complete value or an opening bracket. */
  let kept = 0
  /** Whether a string that begins now is a key. */
  let key = false
  /** What would complete the text after `kept`. */
  let missing = ''
  let index = 0

  /** The value without `rest`, which stands after `kept` and was completed: behind what stands for all before it, it must parse. */
  const leaveOut = (rest: string): unknown => {
    if (kept === 0) return undefined
    const closer = closers.charAt(0)
    const before = closer === '}' ? '{"":0' : closer === ']' ? '[0' : '0'
    const opened = /[[{]/.test(text.charAt(kept - 1))
    JSON.parse((opened ? before.charAt(0) : before) + rest + closer)
    return JSON.parse(text.slice(0, kept) + closers)
  }

  while (index < text.length) {
    const start = index++
    const code = text.charCodeAt(start)
    if (code === QUOTE) {
      index = endOfString(text, start)
      if (index === 0) {
        const end = endOfSound(text, start + 1)
        return key ? leaveOut(`${text.slice(kept, end)}":0`) : JSON.parse(`${text.slice(0, end)}"${closers}`)
      }
      missing = key ? ':0' : ''
      if (!key) kept = index
    } else if (code === COMMA) {
      key = closers.startsWith('}')
      missing = key ? '"":0' : '0'
    } else if (code === COLON) {
      key = false
      missing = '0'
    } else if ((code | 32) === 123) {
      // An opening bracket of either kind. The one that closes it has the next code but one.
      closers = String.fromCharCode(code + 2) + closers
      if (closers.length > maxDepth) return undefined
      key = code === 123
      kept = index
      missing = ''
    } else if ((code | 32) === 125) {
      closers = closers.slice(1)
      key = false
      kept = index
      missing = ''
    } else if (code > 32) {
      while (index < text.length && !endsScalar(text.charCodeAt(index))) index++
      if (index === text.length) {
        const scalar = completed(text.slice(start))
        return scalar === '' ? leaveOut(`${text.slice(kept)}0`) : JSON.parse(text.slice(0, start) + scalar + closers)
      }
      kept = index
      missing = ''
    }
  }
  return kept === text.length ? JSON.parse(text + closers) : leaveOut(text.slice(kept) + missing)
}

/** Whether a number or a literal ends before this character: white space, a comma or a bracket. After any other it is none. */
const endsScalar = (code: number): boolean => code <= 32 || code === COMMA || (code | 32) === 123 || (code | 32) === 125

/** A number or a literal that may not have ended, so that it has a value; empty for a lone minus. */
function completed(token: string): string {
  const literal = literals.find((word) => word.startsWith(token))
  if (literal !== undefined) return literal
  if (/\d$/.test(token)) return token
  JSON.parse(`${token}0`) // Throws where it is the beginning of no number.
  return token.replace(/[.eE]?[-+]?$/, '')
}

/** Where the string ends that begins at `start`; 0 where it is open. */
function endOfString(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1)
  while (quote !== -1 && backslashes(text, quote) % 2 === 1) quote = text.indexOf('"', quote + 1)
  return quote + 1
}

/** How many backslashes stand right before `end`. An odd number escapes what is there. */
function backslashes(text: string, end: number): number {
  let start = end
  while (text.charCodeAt(start - 1) === BACKSLASH) start--
  return end - start
}

/** Where the open string that begins at `start` is to be cut, so that neither half an escape nor half a character is left. */
function endOfSound(text: string, start: number): number {
  const escapeAt = (pattern: RegExp, end: number, length: number): number => {
    const from = Math.max(start, end - length)
    const at = text.slice(from, end).search(pattern)
    return at !== -1 && backslashes(text, from + at) % 2 === 0 ? from + at : end
  }
  const end = escapeAt(/\\(u[\da-f]{0,3})?$/i, text.length, 5)
  const last = text.charCodeAt(end - 1)
  if (last >= 0xd800 && last < 0xdc00) return end - 1
  return escapeAt(/\\ud[89ab][\da-f]{2}$/i, end, 6)
}
