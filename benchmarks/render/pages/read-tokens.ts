import { type Asked, addressOf } from '../asked'

/** The tokens of an answer, one by one, as guides write it. */
export async function* readTokens(asked: Asked): AsyncGenerator<string, void> {
  const response = await fetch(addressOf('plain', asked), { method: 'POST' })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const lines = (rest + value).split('\n')
    rest = lines.pop()!
    for (const line of lines) if (line.startsWith('data: "')) yield JSON.parse(line.slice(6)) as string
  }
}
