import type { ModelOptions, Prices } from '@keepstream/server'

/** What the picker of a page shows of a model. */
export interface OfferedModel {
  readonly name: string
  readonly description?: { readonly en: string; readonly ko: string }
  /** For a million tokens. */
  readonly price?: { readonly input: number; readonly output: number; readonly currency: string }
}

/** One of the models that the scripted provider plays. */
export interface ScriptedPersona extends Required<OfferedModel> {
  readonly tokensPerSecond: number
  /** In milliseconds. */
  readonly firstTokenDelay: number
  /** How many of its answers run at once. The others wait at the server, which their pages see as a model that takes its time. */
  readonly concurrency: number
}

const dollars = (input: number, output: number) => ({ input, output, currency: 'USD' })

/** The prices and paces are invented, in the proportions of real families of models. */
export const personas: readonly ScriptedPersona[] = [
  {
    name: 'steady',
    description: {
      en: 'Reads well and takes its time: the one to begin with.',
      ko: '차분하고 읽기 좋은 답변. 처음이라면 이 모델을 골라 보세요.',
    },
    price: dollars(1, 4),
    tokensPerSecond: 36,
    firstTokenDelay: 600,
    concurrency: 6,
  },
  {
    name: 'swift',
    description: { en: 'Short answers at once.', ko: '짧은 답변을 바로 들려줘요.' },
    price: dollars(0.15, 0.6),
    tokensPerSecond: 110,
    firstTokenDelay: 180,
    concurrency: 8,
  },
  {
    name: 'thoughtful',
    description: {
      en: 'Thinks before it speaks, and shows how. One answer at a time.',
      ko: '먼저 생각하고, 그 과정도 보여 줘요. 한 번에 하나씩만 답해요.',
    },
    price: dollars(3, 15),
    tokensPerSecond: 48,
    firstTokenDelay: 900,
    concurrency: 1,
  },
  {
    name: 'toolmaker',
    description: {
      en: 'Calls a tool: puts what it proposes into your calendar.',
      ko: '도구를 사용해요. 제안한 내용을 캘린더 일정으로 만들어요.',
    },
    price: dollars(2, 8),
    tokensPerSecond: 60,
    firstTokenDelay: 400,
    concurrency: 4,
  },
  {
    name: 'fragile',
    description: {
      en: 'Breaks off in the middle of what it says, every time.',
      ko: '말하다가 중간에 멈춰 버려요. 매번 그래요.',
    },
    price: dollars(0.5, 2),
    tokensPerSecond: 45,
    firstTokenDelay: 400,
    concurrency: 4,
  },
]

/** What the Lab page compares: always the same answer for the same question, at a pace that leaves time to break things. */
export const labModel = { name: 'lab', tokensPerSecond: 40, firstTokenDelay: 400 } as const

export const prices: Prices = Object.fromEntries(
  personas.map(({ name, price: { input, output } }) => [name, { input, output }]),
)

export const perModel: Readonly<Record<string, ModelOptions>> = Object.fromEntries(
  personas.map(({ name, concurrency }) => [name, { concurrency }]),
)
