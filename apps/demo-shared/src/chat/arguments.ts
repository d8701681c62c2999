/**
 * JSON as far as it has arrived, a line for each value: what is there already stays where it is while more comes, as it would
 * not if it were parsed and formatted at its end.
 */
export function formatArguments(json: string): string {
  let text = ''
  let depth = 0
  let quoted = false
  let escaped = false
  const line = () => `\n${'  '.repeat(depth)}`
  for (const character of json) {
    if (quoted) {
      text += character
      if (!escaped && character === '"') quoted = false
      escaped = !escaped && character === '\\'
    } else if (character === '{' || character === '[') {
      depth++
      text += character + line()
    } else if (character === '}' || character === ']') {
      depth = Math.max(0, depth - 1)
      text = /[{[]\s*$/.test(text) ? text.trimEnd() + character : text + line() + character
    } else if (character === ',') text += character + line()
    else if (character === ':') text += ': '
    else if (!/\s/.test(character)) {
      quoted = character === '"'
      text += character
    }
  }
  return text
}
