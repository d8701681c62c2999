// In UTF-16 units; measured, see docs/decisions/0021-stream-text.md.
const pieceSize = 500
const boxSize = 2_000
// Where nothing is a space: in Chinese, Japanese or Thai, or in one very long word.
const longestPiece = 4 * pieceSize

const space = /\s/g
// Between two letters, none of which is marked: never within what a reader sees as one character. Nor before letters that
// stand on the one before them: Thai and Lao AM, vowels and finals of Korean in single letters, half-width kana marks.
const letters = /[\p{L}\p{N}\p{P}](?![\u0e33\u0eb3\u1160-\u11ff\uff9e\uff9f])(?=[\p{L}\p{N}\p{P}])/gu

function endAfter(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from
  return pattern.test(text) ? pattern.lastIndex : text.length
}

// Both seams depend on the text alone, not on how it arrived: text that grows has the seams of text that was there at once.

/** Where the text node that begins at `start` ends: after a space, or anywhere between two letters if none comes in time. */
export function endOfPiece(text: string, start: number): number {
  const end = endAfter(space, text, start + pieceSize - 1)
  return end <= start + longestPiece ? end : Math.min(end, endAfter(letters, text, start + longestPiece - 1))
}

/** Where the box that begins at `start`, and holds the text up to `at`, ends: after a line feed. */
export function endOfBox(text: string, start: number, at: number): number {
  return text.indexOf('\n', Math.max(at, start + boxSize) - 1) + 1 || text.length
}
