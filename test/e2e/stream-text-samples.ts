import type { Sample } from './pages/stream-text-page'

const repeat = (words: string, length: number) => words.repeat(Math.ceil(length / words.length)).slice(0, length)

/** Paragraphs of many lengths, some far longer than a box and some empty. */
function paragraphs(words: string, total = 5_000): string {
  const lengths = [90, 610, 40, 2_600, 300, 7, 450]
  const made: string[] = []
  for (let length = 0, index = 0; length < total; index++) {
    const paragraph = `${index}. ${repeat(words, lengths[index % lengths.length]!).trim()}`
    made.push(paragraph, ['\n', '\n\n', '\n\n\n', '  \n \n'][index % 4]!)
    length += paragraph.length
  }
  return made.join('')
}

const english =
  'The answer is an append-only log, and everyone who reads it holds a cursor into that log; fine waffles too. '
const korean = '답변은 덧붙이기만 하는 기록이고, 읽는 사람마다 그 기록의 어느 자리에 있는지를 기억해요. '
const arabic = 'الجواب سجل لا يُضاف إليه إلا في آخره، وكل قارئ يحفظ مكانه في ذلك السجل (keepstream 2026). '
const hebrew = 'התשובה היא יומן שרק מוסיפים לו, וכל קורא זוכר את מקומו בו – keepstream, 42% – תמיד. '
const chinese = '答案是一份只能追加的日志，每位读者都记住自己在其中的位置。'
const emoji = '👩‍👩‍👧‍👦 naïve e\u0301te\u0301 🏳️‍🌈 1️⃣ ক্ষি 각 𝒳𝓎 '

/** Every text, by what it is. */
export const samples: Readonly<Record<string, Sample>> = {
  'English paragraphs': { text: paragraphs(english) },
  'a text without a line break': { text: repeat(english, 5_000) },
  'Korean paragraphs': { text: paragraphs(korean), dir: 'auto' },
  'Arabic paragraphs': { text: paragraphs(arabic), dir: 'auto' },
  'Hebrew without a line break': { text: repeat(hebrew, 4_500), dir: 'auto' },
  'English and Arabic paragraphs in turn': {
    text: Array.from({ length: 8 }, (_, index) => repeat(index % 2 ? english : arabic, 700)).join('\n\n'),
    dir: 'auto',
    style: { 'unicode-bidi': 'plaintext' },
  },
  'Chinese without a space': { text: repeat(chinese, 4_500) },
  'very long words': { text: `${repeat('W2tlZXBzdHJlYW1d', 5_000)} ${repeat('ffi', 3_000)}\n${repeat('0', 3_000)}` },
  'marks and joined emoji': { text: repeat(emoji, 2_500).replace(/[\uD800-\uDBFF]$/, '') },
  'spaces, tabs and empty lines': { text: `\n\n  x\t\ty ${repeat(' \t \n\n   and some more   ', 5_000)}\n` },
}

/** Every style that has to do with how a text breaks, over the same paragraphs. */
export const styles: readonly Readonly<Record<string, string>>[] = [
  { 'white-space': 'normal' },
  { 'white-space': 'nowrap', overflow: 'hidden' },
  { 'white-space': 'pre', overflow: 'hidden' },
  { 'white-space': 'pre-line' },
  { 'white-space': 'break-spaces' },
  { 'white-space': 'pre', overflow: 'hidden', 'text-overflow': 'ellipsis' },
  { 'text-indent': '3em' },
  { 'text-align': 'justify' },
  { 'text-align': 'justify', 'text-align-last': 'center', hyphens: 'auto' },
  { 'line-height': '2', 'letter-spacing': '1px', 'word-spacing': '4px', 'tab-size': '3' },
  { display: 'inline' },
  { display: 'inline-block', 'max-width': '500px' },
  { display: 'flex' },
  { display: 'list-item', 'margin-left': '2em' },
  { columns: '2' },
  { padding: '1em', border: '1px solid', 'text-decoration': 'underline' },
]
