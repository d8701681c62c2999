// The event streams that the parser benchmark reads, always the same bytes, and the ways in which they arrive.

export interface Workload {
  readonly chunks: readonly Uint8Array[]
  /** How many events every parser has to find. */
  readonly events: number
  /** The sum of the lengths of their data, in UTF-16 code units. */
  readonly characters: number
}

const encoder = new TextEncoder()

const english =
  'A stream is an append-only log, and everyone who reads it holds a cursor into that log. Replay, live tail, reconnect and reload are then the same act: read on from the cursor.'
const korean = [
  '스트림은 뒤에 덧붙이기만 하는 기록이고, 읽는 사람은 누구나 그 기록 안의 한 자리를 가리키는 커서를 가집니다.',
  '연결이 끊어져도 커서가 남아 있으면 답변은 처음부터 다시 만들지 않고 멈춘 자리에서 이어집니다.',
  '다시 불러오기, 두 번째 탭, 다른 서버도 모두 같은 일입니다.',
  '커서 다음부터 계속 읽는 것, 그것이 전부입니다.',
]

/** The chunks of an OpenAI chat completion, one word each. */
export function openaiChunks(count: number): readonly string[] {
  const words = english.split(/(?= )/)
  return Array.from({ length: count }, (_, index) =>
    JSON.stringify({
      id: 'chatcmpl-AbCdEfGhIjKlMnOpQrStUvWxYz012',
      object: 'chat.completion.chunk',
      created: 1234567890,
      model: 'gpt-4.1',
      choices: [{ index: 0, delta: { content: words[index % words.length] }, finish_reason: null }],
    }),
  )
}

/** The same with Korean words: mostly ASCII, and a few characters that are not. */
export function koreanOpenaiChunks(count: number): readonly string[] {
  const words = korean.join(' ').split(/(?= )/)
  return openaiChunks(count).map((chunk, index) =>
    chunk.replace(/"content":".*?"/, `"content":"${words[index % words.length]}"`),
  )
}

/** Whole Korean sentences and nothing else. */
export function koreanSentences(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => korean[index % korean.length]!)
}

/** Words as JSON strings, the data of Keepstream's own `text` events. */
export function jsonWords(count: number): readonly string[] {
  const words = english.split(/(?= )/)
  return Array.from({ length: count }, (_, index) => JSON.stringify(words[index % words.length]))
}

export const dataOnly = (data: string): string => `data: ${data}\n\n`
export const withIds = (data: string, index: number): string =>
  `id: k3Zp9Q-${index + 1}\nevent: text\ndata: ${data}\n\n`

/** A workload of `datas` in blocks, in chunks that `cut` makes of the bytes of all blocks. */
export function workload(
  datas: readonly string[],
  block: (data: string, index: number) => string,
  cut: (blocks: readonly string[]) => readonly Uint8Array[],
): Workload {
  return {
    chunks: cut(datas.map(block)),
    events: datas.length,
    characters: datas.reduce((sum, data) => sum + data.length, 0),
  }
}

export const oneEventARead = (blocks: readonly string[]): readonly Uint8Array[] =>
  blocks.map((block) => encoder.encode(block))

/** Reads of so many bytes, as a socket with data waiting gives them. */
export function readsOf(size: number): (blocks: readonly string[]) => readonly Uint8Array[] {
  return (blocks) => pieces(blocks, () => size)
}

/** Reads of 1 to `largest` bytes, drawn from a generator with a fixed seed. */
export function randomReads(largest: number): (blocks: readonly string[]) => readonly Uint8Array[] {
  let seed = 20_261_121
  return (blocks) =>
    pieces(blocks, () => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
      return 1 + Math.floor((seed / 2 ** 32) * largest)
    })
}

/** Every chunk has its own buffer, as reads of a real body have. */
function pieces(blocks: readonly string[], nextSize: () => number): readonly Uint8Array[] {
  const bytes = encoder.encode(blocks.join(''))
  const chunks: Uint8Array[] = []
  for (let start = 0; start < bytes.length; ) {
    const end = start + nextSize()
    chunks.push(bytes.slice(start, end))
    start = end
  }
  return chunks
}
