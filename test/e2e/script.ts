/** Paragraphs whose every word is another one, in two alphabets, so that a gap and a repetition both show. */
export const numbered = (paragraphs: number): string =>
  Array.from({ length: paragraphs }, (_, paragraph) =>
    Array.from({ length: 8 }, (_, word) => `piece${paragraph}x${word} 조각${paragraph}의${word} 🌊`).join(' '),
  ).join('\n\n')
