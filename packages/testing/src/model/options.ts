import { check, checkCount, checkNames, checkNumber, checkPort } from '../option'
import type { ChatRequest } from './request'
import { checkScript, type Script } from './script'

export interface ScriptedModelOptions {
  /** The port on 127.0.0.1. Default 0: any free one. */
  readonly port?: number
  /** Where given, every request must bring it, in the header of its dialect; others get 401. Default: nobody is asked. */
  readonly apiKey?: string
  /** The names that `GET /v1/models` lists; a call that names another gets 404. Default: `scripted` is listed, every name is taken. */
  readonly models?: readonly string[]
  /**
   * What the model says: a text, a script, or a function of the call (and of the number of the choice, from 0).
   * Default: several readable paragraphs about streams that survive the network, chosen by the prompt and the seed alone;
   * in Korean where the prompt has Hangul, else in English.
   */
  readonly answer?: string | Script | ((request: ChatRequest, choice: number) => string | Script)
  /** Another seed chooses other paragraphs and ids. Default 0. */
  readonly seed?: number
  /**
   * How many tokens each call sends in a second. Default `Infinity`, like 0: as fast as the client reads. After a process
   * that stood still it goes on at this pace, and makes up for nothing, so that a test on a busy machine can still break in.
   */
  readonly tokensPerSecond?: number
  /** Milliseconds between the head of the answer and its first token. Default 0. */
  readonly firstTokenDelay?: number
}

export function checkOptions(options: ScriptedModelOptions): void {
  checkNames('', options, 'port apiKey models answer seed tokensPerSecond firstTokenDelay')
  const { port, apiKey, models, answer } = options
  checkPort(port)
  // The key is not shown: a message may end in a log.
  check(
    apiKey === undefined || (typeof apiKey === 'string' && apiKey !== ''),
    'apiKey',
    '(hidden)',
    'Give a string that is not empty.',
  )
  const named = Array.isArray(models) && models.length > 0 && models.every((name) => typeof name === 'string')
  check(models === undefined || named, 'models', models, 'Give an array of at least one name.')
  checkCount('seed', options.seed, 'Give a whole number, 0 or more.')
  checkNumber('tokensPerSecond', options.tokensPerSecond, 'Give tokens per second, or Infinity.')
  checkNumber('firstTokenDelay', options.firstTokenDelay, 'Give milliseconds, 0 or more.')
  const fitting = answer === undefined || ['string', 'function'].includes(typeof answer) || isScript(answer)
  check(fitting, 'answer', answer, 'Give a string, a script, or a function that returns one of them.')
  if (isScript(answer)) checkScript('answer', answer)
}

const isScript = (answer: unknown): answer is Script => typeof answer === 'object' && answer !== null
