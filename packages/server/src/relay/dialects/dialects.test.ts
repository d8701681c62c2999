import { describe, expect, it } from 'vitest'
import { anthropicDialect } from './anthropic'
import type { ChatRequest, Dialect } from './dialect'
import { geminiDialect } from './gemini'
import { openaiChatDialect } from './openai-chat'
import { openaiResponsesDialect } from './openai-responses'

const settings = { maxTokens: 4096, background: false }
const bodyOf = (dialect: Dialect, request: Omit<ChatRequest, 'model'>) =>
  dialect.body({ model: 'm', ...request } as ChatRequest, settings)

const picture = 'data:image/png;base64,iVBORw0KGgo='
const conversation: ChatRequest['messages'] = [
  { role: 'system', content: 'Be brief.' },
  {
    role: 'user',
    content: [
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: { url: picture, detail: 'low' } },
      { type: 'image_url', image_url: { url: 'https://example.test/cat.jpg' } },
    ],
  },
  {
    role: 'assistant',
    content: 'I look.',
    tool_calls: [
      { id: 'c1', type: 'function', function: { name: 'look', arguments: '{"at":"cat"}' } },
      { id: 'c2', type: 'function', function: { name: 'look', arguments: '' } },
    ],
  },
  { role: 'tool', tool_call_id: 'c1', content: 'a cat' },
  { role: 'tool', tool_call_id: 'c2', content: [{ type: 'text', text: 'nothing' }] },
  { role: 'developer', content: 'In Korean.' },
  { role: 'user', content: 'And now?' },
]
const parameters = { type: 'object', properties: { at: { type: 'string' } } }
const tools = [{ type: 'function', function: { name: 'look', description: 'Looks.', parameters } }]
const schema = { type: 'object', properties: { kind: { type: 'string' } } }
const response_format = { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } }

describe('[R68] a chat request', () => {
  it('goes to chat completions as it is', () => {
    expect(bodyOf(openaiChatDialect, { messages: conversation, temperature: 1.5, stop: ['x'] })).toEqual({
      model: 'm',
      messages: conversation,
      temperature: 1.5,
      stop: ['x'],
      stream_options: { include_usage: true },
    })
  })

  it('becomes the items of a response', () => {
    expect(
      bodyOf(openaiResponsesDialect, {
        messages: conversation,
        tools,
        tool_choice: { type: 'function', function: { name: 'look' } },
        max_tokens: 50,
        reasoning_effort: 'low',
        response_format,
      }),
    ).toEqual({
      model: 'm',
      store: false,
      input: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'What is this?' },
            { type: 'input_image', image_url: picture, detail: 'low' },
            { type: 'input_image', image_url: 'https://example.test/cat.jpg' },
          ],
        },
        { role: 'assistant', content: 'I look.' },
        { type: 'function_call', call_id: 'c1', name: 'look', arguments: '{"at":"cat"}' },
        { type: 'function_call', call_id: 'c2', name: 'look', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c1', output: 'a cat' },
        { type: 'function_call_output', call_id: 'c2', output: 'nothing' },
        { role: 'system', content: 'In Korean.' },
        { role: 'user', content: [{ type: 'input_text', text: 'And now?' }] },
      ],
      tools: [{ type: 'function', name: 'look', description: 'Looks.', parameters, strict: false }],
      tool_choice: { type: 'function', name: 'look' },
      max_output_tokens: 50,
      reasoning: { effort: 'low' },
      text: { format: { type: 'json_schema', name: 'answer', schema, strict: true } },
    })
    expect(openaiResponsesDialect.body({ model: 'm', messages: [] }, { ...settings, background: true })).toMatchObject({
      store: true,
      background: true,
    })
  })

  it('becomes the messages of Anthropic, with the bound that it insists on', () => {
    expect(
      bodyOf(anthropicDialect, {
        messages: conversation,
        tools,
        tool_choice: 'required',
        parallel_tool_calls: false,
        temperature: 1.7,
        stop: 'END',
        response_format,
      }),
    ).toEqual({
      model: 'm',
      max_tokens: 4096,
      system: 'Be brief.\n\nIn Korean.',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
            { type: 'image', source: { type: 'url', url: 'https://example.test/cat.jpg' } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'I look.' },
            { type: 'tool_use', id: 'c1', name: 'look', input: { at: 'cat' } },
            { type: 'tool_use', id: 'c2', name: 'look', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'c1', content: 'a cat' },
            { type: 'tool_result', tool_use_id: 'c2', content: 'nothing' },
            { type: 'text', text: 'And now?' },
          ],
        },
      ],
      tools: [{ name: 'look', description: 'Looks.', input_schema: parameters }],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
      temperature: 1,
      stop_sequences: ['END'],
      output_config: { format: { type: 'json_schema', schema } },
    })
    expect(bodyOf(anthropicDialect, { messages: conversation, max_completion_tokens: 9, max_tokens: 5 })).toMatchObject(
      {
        max_tokens: 9,
      },
    )
  })

  it('becomes the contents of Gemini', () => {
    expect(
      bodyOf(geminiDialect, {
        messages: conversation,
        tools,
        tool_choice: { type: 'function', function: { name: 'look' } },
        max_tokens: 50,
        top_p: 0.5,
        seed: 7,
        reasoning_effort: 'low',
        response_format,
      }),
    ).toEqual({
      systemInstruction: { parts: [{ text: 'Be brief.' }, { text: 'In Korean.' }] },
      contents: [
        {
          role: 'user',
          parts: [
            { text: 'What is this?' },
            { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } },
            { fileData: { fileUri: 'https://example.test/cat.jpg', mimeType: 'image/jpeg' } },
          ],
        },
        {
          role: 'model',
          parts: [
            { text: 'I look.' },
            { functionCall: { id: 'c1', name: 'look', args: { at: 'cat' } } },
            { functionCall: { id: 'c2', name: 'look', args: {} } },
          ],
        },
        {
          role: 'user',
          parts: [
            { functionResponse: { id: 'c1', name: 'look', response: { result: 'a cat' } } },
            { functionResponse: { id: 'c2', name: 'look', response: { result: 'nothing' } } },
            { text: 'And now?' },
          ],
        },
      ],
      tools: [{ functionDeclarations: [{ name: 'look', description: 'Looks.', parametersJsonSchema: parameters }] }],
      toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['look'] } },
      generationConfig: {
        maxOutputTokens: 50,
        topP: 0.5,
        seed: 7,
        thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 },
        responseMimeType: 'application/json',
        responseJsonSchema: schema,
      },
    })
  })

  const user = (content: unknown) => ({ messages: [{ role: 'user', content }] })
  const rows: [Record<string, unknown> & { messages: unknown[] }, string][] = [
    [
      user([{ type: 'input_audio', input_audio: {} }]),
      'messages[0].content[0]: Give a part of type text, or of type image_url with an address.',
    ],
    [
      { messages: [{ role: 'assistant', tool_calls: [{ id: 'x', function: { name: 'f', arguments: '{"half' } }] }] },
      'messages[0].tool_calls[0]: Give an id and a function with its name and its arguments as JSON.',
    ],
    [{ messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].tool_call_id: Give the id of the call.'],
    [
      { messages: [{ role: 'system', content: [{ type: 'image_url' }] }] },
      'messages[0].content[0]: Give a part of type text.',
    ],
    [
      { ...user('x'), tools: [{ type: 'web_search' }] },
      'tools[0]: Give { "type": "function", "function": { "name", "description", "parameters" } }.',
    ],
    [{ ...user('x'), tool_choice: 'any' }, 'tool_choice: Give auto, none, required or a function with its name.'],
    [
      { ...user('x'), response_format: { type: 'xml' } },
      'response_format: Give { "type": "json_object" }, or json_schema with a name and a schema.',
    ],
  ]
  it.each(rows)('that cannot be translated is refused with the field: %j', (request, message) => {
    for (const dialect of [openaiResponsesDialect, anthropicDialect, geminiDialect]) {
      expect(() => bodyOf(dialect, request)).toThrow(expect.objectContaining({ status: 400, message }))
    }
    expect(bodyOf(openaiChatDialect, request)).toMatchObject(request)
  })

  it.each(['banana', 'xhigh', '__proto__', 'constructor', {}, 5])(
    'that is thought about so is refused: %j',
    (effort) => {
      const request = { ...user('x'), reasoning_effort: effort }
      const message = 'reasoning_effort: Give one of none, minimal, low, medium, high.'
      expect(() => bodyOf(geminiDialect, request)).toThrow(expect.objectContaining({ status: 400, message }))
    },
  )

  it.each([
    ['https://h/a.constructor', undefined],
    ['https://h/a.JPG?x=1', 'image/jpeg'],
    ['https://h/a', undefined],
  ])('has the type of a picture only where its address tells it: %s', (url, mimeType) => {
    const request = user([{ type: 'image_url', image_url: { url } }])
    const { contents } = bodyOf(geminiDialect, request) as { contents: [{ parts: [{ fileData: object }] }] }
    expect(contents[0].parts[0].fileData).toEqual({ fileUri: url, ...(mimeType && { mimeType }) })
  })

  it('for JSON of no schema is refused by the provider that has none', () => {
    const request = { ...user('x'), response_format: { type: 'json_object' } }
    expect(() => bodyOf(anthropicDialect, request)).toThrow('Give json_schema.')
    expect(bodyOf(geminiDialect, request)).toMatchObject({ generationConfig: { responseMimeType: 'application/json' } })
  })
})
