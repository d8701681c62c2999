/*
 * A word with the space before it, long words in pieces of eight letters; Hangul in groups of two syllables; numbers in
 * groups of three digits; an emoji with all that is joined to it; line ends; anything else by itself.
 */
const token =
  / ?\p{Script=Hangul}{1,2}| ?(?:(?!\p{Script=Hangul})\p{L}\p{M}*){1,8}| ?\p{N}{1,3}| ?\p{Extended_Pictographic}(?:[\u{FE0F}\u{1F3FB}-\u{1F3FF}]|\u{200D}\p{Extended_Pictographic})*|\n{1,2}| {1,4}|./gsu

/**
 * The pieces in which the scripted model sends a text: joined, they are the text, and no piece splits a character.
 * Pure, so that a test knows what arrives after n tokens: `tokens(text).slice(0, n).join('')`.
 */
export function tokens(text: string): readonly string[] {
  return text.match(token) ?? []
}
