import { describe, expect, it } from 'vitest'
import type { ModelFault } from './fault'
import type { ScriptedModelOptions } from './options'
import { createScriptedModel } from './scripted-model'
import { modelOf, post, said, text } from './test-client'

describe('a wrong use of the model', () => {
  it.each([
    [{ tokenPerSecond: 3 }, 'There is no option `tokenPerSecond`. There is: port, '],
    [{ tokensPerSecond: -1 }, 'Option `tokensPerSecond` is -1. Give tokens per second, or Infinity.'],
    [{ firstTokenDelay: Number.NaN }, 'Option `firstTokenDelay` is NaN'],
    [{ answer: 5 }, 'Option `answer` is 5'],
    [{ answer: { test: 'x' } }, 'There is no option `answer.test`'],
    [{ answer: { text: 'x', tokensPerSecond: -1 } }, 'Option `answer.tokensPerSecond` is -1'],
    [{ models: [] }, 'Option `models` is'],
    [{ apiKey: '' }, 'Option `apiKey` is "(hidden)"'],
  ])('is refused with a sentence: %o', async (options, message) => {
    await expect(createScriptedModel(options as ScriptedModelOptions)).rejects.toThrow(message)
  })

  it.each([
    [{ type: 'cot' }, 'Option `fault.type` is "cot". Give \'cut\' or'],
    [{ type: 'cut', after: 5 }, 'There is no option `fault.after`. There is: type, afterTokens, atByte, how.'],
    [{ type: 'cut', afterTokens: 1, atByte: 2 }, 'Give either `atByte` or `afterTokens`.'],
    [{ type: 'cut', atByte: -1 }, 'Option `fault.atByte` is -1'],
    [{ type: 'cut', how: 'fin' }, 'Option `fault.how` is "fin"'],
    [{ type: 'status', status: 99 }, 'Option `fault.status` is 99'],
    [{ type: 'status', status: 503, retryAfter: 0.5 }, 'Give whole seconds or a Date.'],
    [{ type: 'huge' }, 'Option `fault.bytes` is null'],
    [{ type: 'slow-head', ms: -1 }, 'Option `fault.ms` is -1'],
  ])('is refused before it is queued: %o', async (fault, message) => {
    const model = await modelOf({ answer: text })
    expect(() => model.next(fault as ModelFault)).toThrow(message)
    expect(() => model.always(fault as ModelFault)).toThrow(message)
    expect(said(await (await post(model)).text())).toBe(text)
  })
})
