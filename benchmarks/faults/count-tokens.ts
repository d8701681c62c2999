/** How many tokens of the answer there are, up to the last one in this piece of it. */
export function countTokens(text: string): number {
  const last = [...text.matchAll(/token-(\d)/g)].at(-1)
  return last === undefined ? 0 : Number(last[1]) + 1
}
