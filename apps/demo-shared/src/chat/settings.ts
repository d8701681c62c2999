import type { ChatMessage } from '@keepstream/core/chat'
import { saidIn } from './said'

/** What a person may choose for the next question. Absent: what the server or the model thinks best. */
export interface Settings {
  readonly model: string | undefined
  readonly temperature: number | undefined
  /** In tokens. */
  readonly maxTokens: number | undefined
  /** What the model is told before the conversation. */
  readonly system: string
}

export const initialSettings: Settings = { model: undefined, temperature: undefined, maxTokens: undefined, system: '' }

/** What the server takes. */
export const limits = {
  temperature: { least: 0, most: 2 },
  maxTokens: { least: 1, most: 32_000 },
  system: { most: 4_000 },
  question: { most: 8_000 },
} as const

const name = 'keepstream-demo-settings'

/** What the person chose last time, as far as it can be read. */
export function readSettings(): Settings {
  try {
    const { model, temperature, maxTokens, system } = JSON.parse(
      localStorage.getItem(name) ?? '{}',
    ) as Partial<Settings>
    return {
      model: typeof model === 'string' ? model : undefined,
      temperature: readTemperature(String(temperature ?? '')),
      maxTokens: readMaxTokens(String(maxTokens ?? '')),
      system: typeof system === 'string' ? system.slice(0, limits.system.most) : '',
    }
  } catch {
    return initialSettings
  }
}

export function rememberSettings(settings: Settings): void {
  try {
    localStorage.setItem(name, JSON.stringify(settings))
  } catch {
    // A browser that stores nothing begins with none next time.
  }
}

export const readTemperature = (text: string) => readNumber(text, limits.temperature)

export function readMaxTokens(text: string): number | undefined {
  const number = readNumber(text, limits.maxTokens)
  return Number.isInteger(number) ? number : undefined
}

/** The number that somebody typed; nothing where it is none, or out of bounds, as while it is still being typed. */
function readNumber(text: string, { least, most }: { readonly least: number; readonly most: number }) {
  const number = Number(text)
  return text.trim() !== '' && number >= least && number <= most ? number : undefined
}

/** What a model is sent: the conversation, and what was chosen. */
export function requestOf(messages: readonly ChatMessage[], { model, temperature, maxTokens, system }: Settings) {
  const before = system.trim() === '' ? [] : [{ role: 'system' as const, content: system }]
  return {
    messages: [...before, ...saidIn(messages)],
    ...(model !== undefined && { model }),
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
  }
}
