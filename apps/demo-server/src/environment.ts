import { StreamError } from '@keepstream/core'
import type { DemoOptions } from './app'
import type { Provider } from './upstream'

const defaultPort = 3000
const defaultModel = 'gpt-4.1'
const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const

type Environment = Readonly<Record<string, string | undefined>>

/** What the environment may set besides the options of the demo. */
export interface Settings extends DemoOptions {
  /** What is worth a line on standard output. */
  readonly level: (typeof levels)[number]
  /** Where the answers are kept. Absent: in this process. */
  readonly redis: string | undefined
}

/** The options that the environment gives. Throws an `option` error whose sentence names the variable and the remedy. */
export function readEnvironment(environment: Environment): Settings {
  const { PORT, OPENAI_BASE_URL: baseUrl, OPENAI_API_KEY: apiKey } = environment
  const settings = {
    port: readPort(PORT),
    level: readLevel(environment.LOG_LEVEL),
    redis: readRedis(environment.REDIS_URL),
  }
  if (!baseUrl && !apiKey) return settings
  if (!apiKey) throw missing('OPENAI_API_KEY', 'OPENAI_BASE_URL', 'the key of your provider')
  if (!baseUrl)
    throw missing(
      'OPENAI_BASE_URL',
      'OPENAI_API_KEY',
      'the address of your provider, such as https://api.openai.com/v1',
    )
  return { ...settings, provider: { baseUrl, apiKey, models: readModels(environment) } }
}

/** OPENAI_MODELS, several with commas between them, or OPENAI_MODEL. */
function readModels({ OPENAI_MODELS, OPENAI_MODEL }: Environment): Provider['models'] {
  const names = (OPENAI_MODELS || OPENAI_MODEL || defaultModel).split(',').map((name) => name.trim())
  const [first, ...others] = new Set(names.filter((name) => name !== ''))
  if (first !== undefined) return [first, ...others]
  throw new StreamError('option', 'OPENAI_MODELS names no model. Give names with commas between them, or unset it.')
}

function readPort(text: string | undefined): number {
  if (text === undefined || text === '') return defaultPort
  if (/^\d{1,5}$/.test(text) && Number(text) < 65_536) return Number(text)
  throw new StreamError('option', `PORT is "${text}", which is no port. Give a number from 0 to 65535.`)
}

function readLevel(text = 'info'): Settings['level'] {
  const level = levels.find((each) => each === text)
  if (level) return level
  throw new StreamError('option', `LOG_LEVEL is "${text}". Give ${levels.join(', ')}.`)
}

function readRedis(text = ''): string | undefined {
  if (text === '') return undefined
  if (URL.canParse(text) && /^rediss?:$/.test(new URL(text).protocol)) return text
  // What was given may hold a password.
  throw new StreamError('option', 'REDIS_URL is no address of a Redis. Give one such as redis://127.0.0.1:6379.')
}

function missing(absent: string, present: string, what: string): StreamError {
  return new StreamError(
    'option',
    `${present} is set and ${absent} is not. Set ${absent} to ${what}, or unset both to use the scripted model.`,
  )
}
