import type { Usage } from '@keepstream/core'
import { check, checkNames, checkNumber } from '../option'
import { checkFault, type ModelFault } from './fault'

/** What the model says to one call, and how the call misbehaves. */
export interface Script {
  /** Sent before the text, as `delta.reasoning_content`. */
  readonly reasoning?: string
  readonly text?: string
  readonly toolCalls?: readonly ScriptedToolCall[]
  /** Default: `length` where `max_tokens` cut the answer, `tool_calls` where there are any, else `stop`. */
  readonly finishReason?: string
  /** Takes the place of what was counted. */
  readonly usage?: Partial<Usage>
  /** The pace of this answer, in place of the model's own. */
  readonly tokensPerSecond?: number
  /** Milliseconds before its first token, in place of the model's own. */
  readonly firstTokenDelay?: number
  /** How this call misbehaves. Faults that were queued with `next` come first. */
  readonly fault?: ModelFault
}

export interface ScriptedToolCall {
  readonly name: string
  /** A string is sent as it is, in pieces, valid JSON or not; any other value as its JSON. */
  readonly arguments: unknown
  /** Default: one that depends on the call and the place in it. */
  readonly id?: string
}

export function checkScript(option: string, script: Script): void {
  checkNames(`${option}.`, script, 'reasoning text toolCalls finishReason usage tokensPerSecond firstTokenDelay fault')
  for (const name of ['reasoning', 'text', 'finishReason'] as const) {
    const value = script[name]
    check(value === undefined || typeof value === 'string', `${option}.${name}`, value, 'Give a string.')
  }
  checkNumber(`${option}.tokensPerSecond`, script.tokensPerSecond, 'Give tokens per second, or Infinity.')
  checkNumber(`${option}.firstTokenDelay`, script.firstTokenDelay, 'Give milliseconds, 0 or more.')
  for (const call of script.toolCalls ?? []) {
    check(typeof call.name === 'string', `${option}.toolCalls.name`, call.name, 'Give the name of the tool.')
  }
  if (script.fault) checkFault(script.fault)
}
