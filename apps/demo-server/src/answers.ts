import type { ChatRequest, Script } from '@keepstream/testing'
import { english } from './answers/english'
import { korean } from './answers/korean'
import { labAnswer } from './answers/lab'
import type { AnswerLanguage, AnswerTopic } from './answers/topic'
import { labModel, personas } from './models'

interface Pacing {
  /** Whether each model has a pace of its own. */
  readonly paced: boolean
}

/** Of a request, what an answer depends on. Default: no messages before the question. */
type Asked = Pick<ChatRequest, 'model' | 'prompt'> & Partial<Pick<ChatRequest, 'messages'>>

/** What the scripted models say: to the same conversation the same, each in its manner, in the language of the question. */
export const answerAs =
  ({ paced }: Pacing) =>
  ({ model, prompt, messages = [] }: Asked): Script => {
    const script =
      model === labModel.name ? { text: labAnswer(speaksKorean(prompt)) } : answerOf(model, prompt, messages)
    const persona = model === labModel.name ? labModel : personas.find(({ name }) => name === model)
    if (!paced || !persona) return script
    const { tokensPerSecond, firstTokenDelay } = persona
    return { ...script, tokensPerSecond, firstTokenDelay }
  }

const speaksKorean = (prompt: string): boolean => /\p{Script=Hangul}/u.test(prompt)

function answerOf(model: string, prompt: string, messages: ChatRequest['messages']): Script {
  const language = speaksKorean(prompt) ? korean : english
  const topic = topicOf(prompt, language)
  const { thought, brief, detail, event } = topic
  switch (model) {
    case 'swift':
      return { text: brief }
    case 'thoughtful':
      return { reasoning: thought, text: `${brief}\n\n${detail}\n\n${language.doubt}` }
    case 'toolmaker':
      return isMade(event, messages)
        ? { text: `${brief}\n\n${language.proposed(event.title)}` }
        : { text: `${brief}\n\n${language.proposal(event.title)}`, toolCalls: [callOf(event)] }
    case 'fragile':
      return { text: `${brief}\n\n${detail}`, fault: { type: 'error', afterTokens: 25 } }
    default:
      return { text: `${brief}\n\n${detail}` }
  }
}

/** The topic whose words the question has most of; where it has none, one that fits any question. */
function topicOf(prompt: string, { topics, anything }: AnswerLanguage): AnswerTopic {
  const asked = prompt.toLowerCase()
  const hits = (topic: AnswerTopic) => topic.words.filter((word) => names(asked, word)).length
  const best = topics.reduce((one, other) => (hits(other) > hits(one) ? other : one), topics[0]!)
  return hits(best) > 0 ? best : anything
}

/**
 * Whether a word of the question begins with `word`; a short one in Latin letters is all of it, but for its plural: there
 * is a greeting in "history", and a star in "start".
 */
function names(asked: string, word: string): boolean {
  const end = /^[a-z]{1,4}$/.test(word) ? 's?(?![a-z])' : ''
  return new RegExp(`(?<![\\p{L}\\p{N}])${word.trimStart()}${end}`, 'u').test(asked)
}

/** Whether the results of tools in the conversation tell of this event. */
function isMade({ title }: AnswerTopic['event'], messages: ChatRequest['messages']): boolean {
  return messages.some(({ role, content }) => role === 'tool' && titleIn(content) === title)
}

function titleIn(result: string): unknown {
  try {
    return (JSON.parse(result) as { title?: unknown } | null)?.title
  } catch {
    return undefined
  }
}

const callOf = ({ title, start, minutes }: AnswerTopic['event']) => ({
  name: 'create_event',
  arguments: { title, start, duration_minutes: minutes, reminder_minutes: 10 },
})
