/** Whether bytes are whole chunks of a chunked body (RFC 9112 §7.1) and nothing else, the last one not among them. */
export function areChunks(bytes: Buffer): boolean {
  let at = 0
  while (at < bytes.length) {
    const end = bytes.indexOf('\r\n', at)
    const size = end < 0 ? '' : bytes.toString('latin1', at, end)
    if (!/^[1-9a-f][0-9a-f]{0,7}$/i.test(size)) return false
    const next = end + 2 + Number.parseInt(size, 16)
    if (bytes.toString('latin1', next, next + 2) !== '\r\n') return false
    at = next + 2
  }
  return at > 0
}
