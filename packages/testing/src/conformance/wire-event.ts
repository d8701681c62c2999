/** One block of an event stream as it stands on the wire. */
export interface WireEvent {
  readonly event?: string
  readonly id?: string
  readonly retry?: string
  readonly data?: string
  /** The text after the colon, of each comment in the block. */
  readonly comments: readonly string[]
  /** Lines that are no field of an event stream, or a field that came twice. */
  readonly odd: readonly string[]
}

/**
 * Reads blocks from pieces of an event stream. A parser of its own, and a strict one: that of the client under whose
 * rules a server was developed would forgive what others do not.
 */
export function createBlockReader(): (text: string) => WireEvent[] {
  let rest = ''
  return (text) => {
    rest += text
    // A carriage return at the end may be the first half of a line end.
    const whole = rest.endsWith('\r') ? rest.slice(0, -1) : rest
    const blocks = whole.split(/(?:\r\n|\r|\n){2}/)
    rest = blocks.pop()! + rest.slice(whole.length)
    return blocks.map(readBlock)
  }
}

function readBlock(block: string): WireEvent {
  const fields: { event?: string; id?: string; retry?: string; data?: string } = {}
  const comments: string[] = []
  const odd: string[] = []
  for (const line of block.split(/\r\n|\r|\n/)) {
    const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
    if (name === '') comments.push(line.slice(1))
    else if (name === 'data') fields.data = fields.data === undefined ? value : `${fields.data}\n${value}`
    else if ((name === 'event' || name === 'id' || name === 'retry') && fields[name] === undefined) fields[name] = value
    else odd.push(line)
  }
  return { ...fields, comments, odd }
}
