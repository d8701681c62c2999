const sentence =
  'A stream is an append-only log, and everyone who reads it holds a cursor into that log. Replay, live tail, reconnect and reload are then the same act: read on from the cursor.'
const words = sentence.split(/(?= )/)

/** Sentences in a paragraph, which makes about 700 characters of it, as models write them. */
const sentencesOfParagraph = 4
const wordsOfParagraph = words.length * sentencesOfParagraph

/** Token number `index` of every answer: a word with the space before it. */
export function word(index: number): string {
  const said = words[index % words.length]!
  if (index === 0 || index % words.length > 0) return said
  return (index % wordsOfParagraph === 0 ? '\n\n' : ' ') + said
}

/** The text of so many tokens. */
export const textOf = (count: number): string => Array.from({ length: count }, (_, index) => word(index)).join('')
