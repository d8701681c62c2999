import { hash } from './hash'
import { english } from './prose-english'
import { korean } from './prose-korean'

/** An answer of several paragraphs that depends on the prompt and the seed alone, Korean for a prompt with Hangul. */
export function prose(prompt: string, seed: number): string {
  const { openings, topics, closings } = /\p{Script=Hangul}/u.test(prompt) ? korean : english
  const pick = <T>(from: readonly T[], what: string) => from[hash(`${what} ${seed} ${prompt}`) % from.length]!
  const asked = prompt.toLowerCase()
  const fitting = topics.filter(({ words }) => words.some((word) => asked.includes(word)))
  const topic = pick(fitting.length > 0 ? fitting : topics, 'topic')
  return [pick(openings, 'opening'), ...topic.paragraphs, pick(closings, 'closing')].join('\n\n')
}
