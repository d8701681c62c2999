import { chatEnglish } from 'demo-shared/copy/chat-english'
import { chatKorean } from 'demo-shared/copy/chat-korean'
import { describe, expect, it } from 'vitest'
import { answerAs } from './answers'
import { english } from './answers/english'
import { korean } from './answers/korean'
import { labModel, personas } from './models'

const hangul = /\p{Script=Hangul}/u
const ask = (model: string, prompt: string, paced = true) => answerAs({ paced })({ model, prompt })

describe('an answer of the scripted models', () => {
  it('is in the language of the question, for every topic and model', () => {
    for (const { topics } of [english, korean]) {
      for (const { words } of topics) {
        for (const { name } of personas) {
          const question = `${words[0]}?`
          const { text = '', reasoning } = ask(name, question)
          expect(hangul.test(text), `${name}: ${question}`).toBe(hangul.test(question))
          if (reasoning) expect(hangul.test(reasoning)).toBe(hangul.test(question))
        }
      }
    }
  })

  it('is about what was asked, and fits where nothing is known of that', () => {
    expect(ask('steady', 'Compare SSE and WebSocket').text).toContain('| server-sent events |')
    expect(ask('steady', '부산 여행 계획을 세워 줘').text).toContain('감천문화마을')
    expect(ask('steady', 'xyzzy').text).toContain(english.anything.brief)
    expect(ask('steady', '음')?.text).toContain(korean.anything.brief)
  })

  it('finds a word where one begins, and a short one where it is all of it', () => {
    expect(ask('swift', 'How do I start a company?').text).not.toContain('star')
    for (const question of ['What is the history of machines?', '혹시 추천할 책이 있나요?']) {
      const { anything } = question.startsWith('W') ? english : korean
      expect(ask('swift', question).text, question).toBe(anything.brief)
    }
    expect(ask('swift', 'Hi!').text).toContain('scripted model')
    expect(ask('swift', 'two bugs').text).toContain('debounce')
  })

  it('is about each of the questions that the chat page suggests', () => {
    for (const { welcome } of [chatEnglish, chatKorean]) {
      for (const suggestion of welcome.suggestions) {
        const { anything } = hangul.test(suggestion) ? korean : english
        expect(ask('swift', suggestion).text, suggestion).not.toBe(anything.brief)
      }
      expect(new Set(welcome.suggestions.map((suggestion) => ask('swift', suggestion).text)).size).toBe(3)
    }
  })

  it('has what a page has to show: headings, lists, tables, code, links and quotes', () => {
    for (const { topics, anything } of [english, korean]) {
      const said = [...topics, anything].map(({ brief, detail }) => `${brief}\n${detail}`).join('\n')
      for (const mark of [/^## /m, /^- /m, /^1\. /m, /^\|-/m, /^```ts$/m, /\]\(https:/, /^> /m, /\*\*/]) {
        expect(said).toMatch(mark)
      }
    }
  })

  it('has the manner of its model: short, thought over, with a tool, or broken off', () => {
    const question = 'write an email'
    const length = (model: string) => ask(model, question).text!.length
    expect(length('swift')).toBeLessThan(length('steady'))
    expect(ask('thoughtful', question).reasoning).toMatch(/\w/)
    expect(ask('toolmaker', question).toolCalls).toEqual([
      {
        name: 'create_event',
        arguments: expect.objectContaining({ title: expect.any(String), start: expect.any(String) }),
      },
    ])
    expect(ask('fragile', question).fault).toEqual({ type: 'error', afterTokens: 25 })
  })

  it('calls no tool for what was made before, as the conversation says, and says so', () => {
    const question = 'write an email'
    const { title } = english.topics.find(({ words }) => words.includes('email'))!.event
    const after = (content: string) =>
      answerAs({ paced: false })({
        model: 'toolmaker',
        prompt: question,
        messages: [
          { role: 'tool', content },
          { role: 'user', content: question },
        ],
      })
    const told = after(JSON.stringify({ state: 'offered', title }))
    expect(told.toolCalls).toBeUndefined()
    expect(told.text).toContain(english.proposed(title))
    for (const other of ['{"title":"Something else"}', '{"error":"No."}', 'null', 'no JSON']) {
      expect(after(other).toolCalls, other).toHaveLength(1)
    }
  })

  it('has the pace of its model, unless another one was asked for', () => {
    for (const { name, tokensPerSecond, firstTokenDelay } of [...personas, labModel]) {
      expect(ask(name, 'hello')).toMatchObject({ tokensPerSecond, firstTokenDelay })
      expect(ask(name, 'hello', false)).not.toHaveProperty('tokensPerSecond')
    }
  })

  it('of the Lab has lines of which each is there once', () => {
    for (const question of ['hello', '안녕']) {
      const lines = ask(labModel.name, question).text!.split('\n\n')
      expect(new Set(lines).size).toBe(36)
    }
  })
})
